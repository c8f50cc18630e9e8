# SPDX-License-Identifier: Apache-2.0
"""Takes real scales, gives the integer constants with which a kernel requantises exactly as LiteRT does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor

LIMITS = {
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int16": (-32768, 32767),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
}

Ints = np.ndarray[Any, np.dtype[np.int64]]


def round_half_away(value: float) -> int:
    """Nearest integer, ties away from zero (C's round(), TFLite's TfLiteRound)."""
    whole = math.trunc(value)
    # The fraction is exact, where value + 0.5 would round.
    return whole + (int(math.copysign(1, value)) if abs(value - whole) >= 0.5 else 0)


def quantize_multiplier(real: float) -> tuple[int, int]:
    """`real` = multiplier / 2^31 * 2^shift with multiplier in [2^30, 2^31); (0, 0) below 2^-32.

    The rule of TFLite's QuantizeMultiplier (tflite/kernels/internal/quantization_util.cc).
    """
    fraction, shift = math.frexp(real)
    multiplier = round_half_away(fraction * 2**31)
    if multiplier == 2**31:
        multiplier, shift = 2**30, shift + 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def reduce_multiplier(multiplier: int) -> int:
    """What TFLite uses on 64-bit accumulators: multiplier / 2^16, ties up, at most 32767."""
    return (multiplier + (1 << 15)) >> 16 if multiplier < 0x7FFF0000 else 0x7FFF


def multiply_twice_rounded(values: Ints, multiplier: int | Ints, shift: int | Ints) -> Ints:
    """values * multiplier / 2^31 * 2^shift, rounded twice: TFLite's default MultiplyByQuantizedMultiplier.

    First a saturating doubling high multiply (ties towards plus infinity, as its nudge makes them), then a
    division by a power of two (ties away from zero).
    """
    product = (values << np.maximum(shift, 0)) * np.asarray(multiplier, np.int64)
    # Truncating (p + 1 - 2^30) / 2^31 for p < 0, as C does, is the arithmetic shift of p + 2^30.
    high: Ints = (product + (1 << 30)) >> 31
    right = np.maximum(np.negative(shift), 0)
    half: Ints = np.asarray((np.int64(1) << right) >> 1, np.int64)
    # Half of what is lost, less one below zero where a tie can occur, takes ties away from zero.
    rounded: Ints = (high + half - ((high < 0) & (half > 0))) >> right
    return rounded


def activation_range(fused: int, output: Tensor) -> tuple[int, int]:
    """Smallest and largest quantised output under a fused activation (TFLite's ActivationFunctionType).

    The rule of TFLite's CalculateActivationRangeQuantized.
    """
    low, high = LIMITS[output.dtype]

    def quantize(real: float) -> int:
        # The division happens in float32 there.
        with np.errstate(over="ignore"):
            steps = float(np.float32(real) / np.float32(output.scale))
        if abs(steps) >= 2**31:
            raise Unsupported(f"its output has scale {output.scale}", "check the scales of this layer")
        return output.zero_point + round_half_away(steps)

    match fused:
        case 0:
            return low, high
        case 1:
            return max(low, quantize(0.0)), high
        case 2:
            return max(low, quantize(-1.0)), min(high, quantize(1.0))
        case 3:
            return max(low, quantize(0.0)), min(high, quantize(6.0))
    raise Unsupported(
        f"fused activation number {fused}", "use RELU, RELU6 or RELU_N1_TO_1, or a layer of its own"
    )


@dataclass(frozen=True)
class Fit:
    """result = floor(acc * (high + low / 2^32) + 2^(shift-1) - (acc < 0)) >> shift, in 64-bit arithmetic.

    0 <= high < 2^31, 0 <= low < 2^32, 1 <= shift <= 62.
    """

    high: int
    low: int
    shift: int


def fit_multiplier(real: float, reach: int, low: int, high: int, wide: bool = False) -> Fit:
    """Integer constants that give clamp(round(acc * real), low, high) for every |acc| <= `reach`.

    round() takes ties away from zero on the product in double precision: that is what LiteRT's reference
    FULLY_CONNECTED computes in floating point. Both that and the integer formula rise with acc, so they are
    equal everywhere when they are equal on both sides of every step of the clamped result: that is what is
    tried here. 31 bits of multiplier (Fit.low = 0) are enough for the 255 steps of an int8 output; the 65535
    steps of an int16 output take a `wide` one. Raises Unsupported when there is none: for a ratio of small
    numbers like 7 / 10, whose ties double precision breaks now this way, now that.
    """
    unfit = Unsupported(
        f"no multiplier reproduces the scale ratio {real:g} for sums up to {reach}",
        "change the layer's scales a little, or use TFLM's rounding",
    )
    # A dead channel's: whatever the sum, it is 0. So it is of a sum of 0, where a scale has no multiplier.
    if 0 < real * reach < 0.25 or (reach == 0 and real > 0 and not 2.0**-62 < real < 2.0**30):
        return Fit(0, 0, 62)
    # LiteRT's result is undefined where the product leaves 32 bits. The sum must be exact as a double, too.
    if not (real > 2.0**-62 and real * reach < 2**31 - 2**16 and reach < 2**47):
        raise unfit
    # acc at which the result first reaches k, for every k above the smallest; estimated to within one.
    steps = np.arange(low + 1, high + 1, dtype=np.int64)
    first = np.clip(np.ceil((steps - 0.5) / real), -(2.0**62), 2.0**62).astype(np.int64)
    # Only steps that an accumulator can meet count.
    inside = np.abs(first) <= reach + 2
    first, steps = first[inside], steps[inside]
    for _ in range(2):
        first = np.where(round_double(first, real) < steps, first + 1, first)
        first = np.where(round_double(first - 1, real) >= steps, first - 1, first)
    if np.any(round_double(first, real) < steps) or np.any(round_double(first - 1, real) >= steps):
        raise unfit
    exponent = math.frexp(real)[1]
    words = 32 if wide else 0
    # As many bits as keep the product with the largest accumulator below 2^61, in words of 31 and 32 bits.
    bits = min(31, 61 - reach.bit_length())
    shift = min(bits - exponent, 62)
    if shift < 1:
        raise unfit
    guess = round_half_away(math.ldexp(real, shift + words))
    for step in range(17):
        for multiplier in (guess + step, guess - step):
            fit = Fit(multiplier >> words, multiplier & ((1 << words) - 1), shift)
            good = 0 < multiplier < 1 << (31 + words)
            if good and np.all(apply_fit(first, fit) >= steps) and np.all(apply_fit(first - 1, fit) < steps):
                return fit
    raise unfit


def apply_fit(acc: Ints, fit: Fit) -> Ints:
    """What the kernel computes before it clamps (te_requantize_once or te_requantize_wide)."""
    carry = ((acc & 0xFFFFFFFF).astype(np.uint64) * np.uint64(fit.low)) >> np.uint64(32)
    product = acc * fit.high + (acc >> 32) * fit.low + carry.astype(np.int64)
    return (product + (1 << (fit.shift - 1)) - (acc < 0)) >> fit.shift


def round_double(acc: Ints, real: float | Ints) -> Ints:
    """acc * real in double precision, ties away from zero: how LiteRT's FULLY_CONNECTED rounds."""
    product = acc.astype(np.float64) * real
    whole = np.trunc(product)
    return (whole + np.where(np.abs(product - whole) >= 0.5, np.sign(product), 0)).astype(np.int64)


def reach(weights: np.ndarray[Any, Any], bias: Sequence[int] | Ints, low: int, high: int) -> Ints:
    """Bound on |accumulator| of every output; weights [outputs, taps], inputs less zero point in [low, high].

    It holds for every order of summation and every partial sum, and whether the zero point is subtracted from
    each input or folded into the bias (since no raw input exceeds max(-low, high) either).
    """
    sums = np.abs(weights.astype(np.int64)).sum(axis=1)
    bound: Ints = sums * max(-low, high) + np.abs(np.asarray(bias, dtype=np.int64))
    return bound
