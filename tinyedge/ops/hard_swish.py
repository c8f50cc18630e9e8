# SPDX-License-Identifier: Apache-2.0
"""HARD_SWISH: int8 by table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Array, Graph, Op
from tinyedge.ops import Call, Case, Operator, channels, require, unary

MOST = 2**15 - 1
"""Everything here is 16 bits wide in TFLite."""


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, _ = unary.check_both(graph, op, ("int8",))
    (_, shift), (_, relu_shift) = multipliers(graph, op)
    good = -15 <= shift <= 0 and -15 <= relu_shift <= 15
    require(good, graph, op, f"its input has scale {source.scale}", "check the scales of this layer")
    return (source.shape,)


def multipliers(graph: Graph, op: Op) -> tuple[tuple[int, int], tuple[int, int]]:
    """16-bit multiplier and shift from 128 times the input to the output, and to 32768 for a real 3."""
    fine = unary.float32_ratio(graph.input(op, 0).scale, 1 / 128, by=1)
    to_output = unary.float32_ratio(fine, by=graph.output(op).scale)
    to_relu = unary.float32_ratio(fine, by=unary.float32_ratio(3.0, by=32768))
    return _sixteen_bits(to_output), _sixteen_bits(to_relu)


def table(graph: Graph, op: Op) -> Array:
    """x * relu6(x + 3) / 6 for every int8 value of x."""
    (multiplier, shift), (relu_multiplier, relu_shift) = multipliers(graph, op)
    fine = (unary.every_byte("int8") - graph.input(op, 0).zero_point) * 128
    scaled = _multiply(fine, multiplier)
    # Half of relu6(x + 3) / 6 is x / 6 + 1/2, from -1 to 1: x is brought to that scale, saturating.
    ramp = _saturate(fine << max(relu_shift - 1, 0))
    ramp = _multiply(ramp, relu_multiplier)
    ramp = _saturate(ramp << 1) if relu_shift > 0 else _divide(ramp, -relu_shift)
    ramp = (ramp + 2**15) >> 1
    product = ramp * scaled
    high = np.where(product >= 0, product >> 15, -(-product >> 15))
    return unary.saturate(_divide(high, -shift) + graph.output(op).zero_point, "int8")


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    return (unary.table_call(graph, op, table(graph, op)),)


def _sixteen_bits(ratio: float) -> tuple[int, int]:
    """Multiplier / 2^15 * 2^shift = ratio; (0, -99) where it is no number."""
    if not 0 < ratio < 2**30:
        return 0, -99
    multiplier, shift = fixedpoint.quantize_multiplier(ratio)
    return min((multiplier + 2**15) >> 16, MOST), shift


def _multiply(values: Ints, multiplier: int) -> Ints:
    """values * multiplier / 2^15, rounded to nearest (the sign decides ties)."""
    product = values * multiplier
    total = product + np.where(product >= 0, 2**14, 1 - 2**14)
    return np.where(total >= 0, total >> 15, -(-total >> 15))


def _divide(values: Ints, exponent: int) -> Ints:
    """values / 2^exponent, ties away from zero."""
    half = (1 << exponent) >> 1
    return np.where(values >= 0, (values + half) >> exponent, -((-values + half) >> exponent))


def _saturate(values: Ints) -> Ints:
    return np.clip(values, -MOST - 1, MOST)


def cases() -> Iterator[Case]:
    yield from unary.cases("HARD_SWISH", "int8", same_scale=True)


operator = Operator(
    ("HARD_SWISH",),
    infer,
    calls,
    unary.read,
    distance=unary.distance,
    cases=cases,
    channels=channels.ELEMENTWISE,
)
