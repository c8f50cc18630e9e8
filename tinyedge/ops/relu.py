# SPDX-License-Identifier: Apache-2.0
"""RELU, RELU6, RELU_N1_TO_1 and RELU_0_TO_1 as layers of their own: int8; the first two also int16."""

from __future__ import annotations

from collections.abc import Iterator

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Graph, Op
from tinyedge.ops import Call, Case, Input, Operator, Output, channels, require, unary

RANGES = {"relu": (0.0, None), "relu6": (0.0, 6.0), "relu_n1_to_1": (-1.0, 1.0), "relu_0_to_1": (0.0, 1.0)}
"""Smallest and largest real output; LiteRT has the last two in 8 bits only."""


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, _ = unary.check_both(graph, op, ("int8", "int16") if op.kind in ("relu", "relu6") else ("int8",))
    multiplier_and_shift(graph, op)
    bounds(graph, op)
    return (source.shape,)


def multiplier_and_shift(graph: Graph, op: Op) -> tuple[int, int]:
    ratio = unary.float32_ratio(graph.input(op, 0).scale, by=graph.output(op).scale)
    return unary.rescaling(graph, op, ratio)


def bounds(graph: Graph, op: Op) -> tuple[int, int]:
    """Smallest and largest quantised output."""
    target = graph.output(op)
    low, high = fixedpoint.LIMITS[target.dtype]
    real_low, real_high = RANGES[op.kind]
    usable = unary.float32_ratio(6.0, by=target.scale) < 2**30
    require(usable, graph, op, f"its output has scale {target.scale}", "check the scales of this layer")

    def quantize(real: float) -> int:
        return target.zero_point + fixedpoint.round_half_away(unary.float32_ratio(real, by=target.scale))

    return max(low, quantize(real_low)), high if real_high is None else min(high, quantize(real_high))


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    low, high = bounds(graph, op)
    ends = (Input(source.name), Output(target.name))
    width = "s8" if source.dtype == "int8" else "s16"
    if (source.scale, source.zero_point) == (target.scale, target.zero_point):
        return (Call("limit", f"limit_{width}", {"size": source.size, "min": low, "max": high}, ends),)
    if op.kind != "relu":
        unary.require_litert(graph, op, rounding)  # TFLM clamps without rescaling
    multiplier, shift = multiplier_and_shift(graph, op)
    if width == "s8":
        centred = unary.every_byte("int8") - source.zero_point
        scaled = fixedpoint.multiply_twice_rounded(centred, multiplier, shift) + target.zero_point
        return (unary.table_call(graph, op, scaled.clip(low, high)),)
    params = {
        "size": source.size,
        "in_zero_point": source.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
        "multiplier": multiplier,
        "shift": shift,
    }
    return (Call("rescale", "rescale_s16_s16", params, ends),)


def cases() -> Iterator[Case]:
    yield from unary.cases("RELU", "int8", "int16", same_scale=True)
    yield from unary.cases("RELU6", "int8", "int16", same_scale=True)
    yield from unary.cases("RELU_N1_TO_1", "int8", same_scale=True)
    yield from unary.cases("RELU_0_TO_1", "int8", same_scale=True)


def _range(graph: Graph, op: Op, ranges: channels.Ranges) -> channels.Range | None:
    return channels.clamped(graph, op, ranges, *bounds(graph, op))


operator = Operator(
    ("RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1"),
    infer,
    calls,
    unary.read,
    distance=unary.distance,
    cases=cases,
    channels=channels.Channels(channels.alike, _range),
)
