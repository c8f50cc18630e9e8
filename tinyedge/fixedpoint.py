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

LIMITS = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "int32": (-(2**31), 2**31 - 1)}

Ints = np.ndarray[Any, np.dtype[np.int64]]


def round_half_away(value: float) -> int:
    """Nearest integer, ties away from zero (C's round(), TFLite's TfLiteRound)."""
    return math.floor(value + 0.5) if value >= 0 else math.ceil(value - 0.5)


def quantize_multiplier(real: float) -> tuple[int, int]:
    """`real` = multiplier / 2^31 * 2^shift with multiplier in [2^30, 2^31); (0, 0) below 2^-32.

    The rule of TFLite's QuantizeMultiplier (tflite/kernels/internal/quantization_util.cc).
    """
    fraction, shift = math.frexp(real)
    multiplier = round_half_away(fraction * 2**31)
    if multiplier == 2**31:
        multiplier, shift = 2**30, shift + 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def multiply_twice_rounded(values: Ints, multiplier: int, shift: int) -> Ints:
    """values * multiplier / 2^31 * 2^shift, rounded twice: TFLite's default MultiplyByQuantizedMultiplier.

    First a saturating doubling high multiply (ties towards plus infinity, as its nudge makes them), then a division
    by a power of two (ties away from zero).
    """
    product = (values << max(shift, 0)) * np.int64(multiplier)
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    total = product + nudge
    # C divides towards zero where an arithmetic shift goes down.
    high = np.where(total >= 0, total >> 31, -((-total) >> 31))
    right = max(-shift, 0)
    half = (1 << right) >> 1
    return np.where(high >= 0, (high + half) >> right, -((-high + half) >> right))


def activation_range(fused: int, output: Tensor) -> tuple[int, int]:
    """Smallest and largest quantised output under a fused activation (TFLite's ActivationFunctionType).

    The rule of TFLite's CalculateActivationRangeQuantized.
    """
    low, high = LIMITS[output.dtype]

    def quantize(real: float) -> int:
        # The division happens in float32 there.
        return output.zero_point + round_half_away(float(np.float32(real) / np.float32(output.scale)))

    match fused:
        case 0:
            return low, high
        case 1:
            return max(low, quantize(0.0)), high
        case 2:
            return max(low, quantize(-1.0)), min(high, quantize(1.0))
        case 3:
            return max(low, quantize(0.0)), min(high, quantize(6.0))
    raise Unsupported(f"fused activation number {fused}", "use RELU, RELU6 or RELU_N1_TO_1, or a layer of its own")


@dataclass(frozen=True)
class Fit:
    """result = (acc * multiplier + 2^(shift-1) - (acc < 0)) >> shift, in 64-bit arithmetic; 1 <= shift <= 62."""

    multiplier: int
    shift: int


def fit_multiplier(real: float, reach: int, low: int, high: int) -> Fit:
    """Integer constants that give clamp(round(acc * real), low, high) for every |acc| <= `reach`.

    round() takes ties away from zero on the product in double precision: that is what LiteRT's reference
    FULLY_CONNECTED computes in floating point. Both that and the integer formula rise with acc, so they are equal
    everywhere when they are equal on both sides of every step of the clamped result. Each step puts a bound on the
    multiplier; any integer between the bounds is exact. Raises Unsupported when there is none.
    """
    # acc at which the result first reaches k, for every k above the smallest; the estimate is off by one at most.
    steps = np.arange(low + 1, high + 1, dtype=np.int64)
    first = np.clip(np.ceil((steps - 0.5) / real), -(2.0**62), 2.0**62).astype(np.int64)
    for _ in range(3):
        first = np.where(_round_double(first, real) < steps, first + 1, first)
        first = np.where(_round_double(first - 1, real) >= steps, first - 1, first)
    # Only steps that an accumulator can meet count.
    inside = (first > -reach) & (first <= reach)
    first, steps = first[inside], steps[inside]
    if np.any(_round_double(first, real) < steps) or np.any(_round_double(first - 1, real) >= steps):
        raise Unsupported(f"scale ratio {real} is out of range", "check the scales of this layer")
    for bits in (31, 32):
        shift = bits - math.frexp(real)[1]
        if not 1 <= shift <= 62:
            continue
        guess = round(math.ldexp(real, shift))
        for multiplier in sorted(range(guess - 64, guess + 65), key=lambda m: abs(m - guess)):
            if 0 < multiplier < 2**31 and reach * multiplier < 2**62:
                fit = Fit(multiplier, shift)
                if np.all(apply_fit(first, fit) >= steps) and np.all(apply_fit(first - 1, fit) < steps):
                    return fit
    raise Unsupported(
        f"no 31-bit multiplier reproduces the scale ratio {real} for accumulators up to {reach}",
        "please report this model",
    )


def apply_fit(acc: Ints, fit: Fit) -> Ints:
    """What the kernel computes before it clamps."""
    return (acc * fit.multiplier + (1 << (fit.shift - 1)) - (acc < 0)) >> fit.shift


def _round_double(acc: Ints, real: float) -> Ints:
    product = acc.astype(np.float64) * real
    return (np.sign(product) * np.floor(np.abs(product) + 0.5)).astype(np.int64)


def reach(weights: np.ndarray[Any, Any], bias: Sequence[int] | Ints, low: int, high: int) -> Ints:
    """Largest |accumulator| of every output, for `weights` [outputs, taps] and inputs (less zero point) in [low, high]."""
    wide = weights.astype(np.int64)
    positive = np.where(wide > 0, wide, 0).sum(axis=1)
    negative = np.where(wide < 0, wide, 0).sum(axis=1)
    top = positive * high + negative * low
    bottom = positive * low + negative * high
    bias = np.asarray(bias, dtype=np.int64)
    return np.maximum(np.abs(top + bias), np.abs(bottom + bias))
