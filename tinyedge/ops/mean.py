# SPDX-License-Identifier: Apache-2.0
"""MEAN of int8 and int16, SUM of int8 and int32, over any dimensions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Graph, Op
from tinyedge.ops import (
    Call,
    Case,
    Input,
    Operator,
    Output,
    case,
    channels,
    check,
    elementwise,
    reduction,
    require,
)
from tinyedge.ops.channels import Kept, Range, Ranges
from tinyedge.ops.requantize import SUM_LIMIT


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    if op.kind == "sum" and target.dtype == "int32":
        return reduction.infer_integer(graph, op)
    # LiteRT's reference kernel of SUM reads 16 bits as 8, and its others round otherwise than TFLM: nothing
    # could judge ours (int8: oracle/sums.py).
    check.activation(graph, op, source, ("int8", "int16") if op.kind == "mean" else ("int8",))
    check.activation(graph, op, target, (source.dtype,))
    return reduction.infer(graph, op)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    if target.dtype == "int32":
        return (reduction.integer_call(graph, op, product=False),)
    sizes = reduction.sizes(graph, op)
    count = sizes[1] * sizes[3]
    real = source.scale / target.scale
    rescaled = _rescale(real, count) if op.kind == "mean" else fixedpoint.quantize_multiplier(real)
    multiplier, shift = rescaled
    lowest, highest = fixedpoint.LIMITS[source.dtype]
    reach = count * elementwise.largest(source)
    fits = -31 <= shift <= 30 and reach <= SUM_LIMIT >> max(shift, 0)
    require(fits, graph, op, "its sums do not fit 32 bits", "reduce fewer elements at a time")
    params: dict[str, int | tuple[int, ...]] = {
        "size": sizes,
        "start": -source.zero_point * count,
        "multiplier": multiplier,
        "shift": shift,
        "out_zero_point": target.zero_point,
        "out_min": lowest,
        "out_max": highest,
    }
    return (
        Call("mean", f"mean_{elementwise.suffix(source)}", params, (Input(source.name), Output(target.name))),
    )


def _rescale(real: float, count: int) -> tuple[int, int]:
    """Multiplier and shift that divide by `count` too, by the rule of LiteRT's QuantizedMeanOrSum."""
    multiplier, shift = fixedpoint.quantize_multiplier(real)
    spare = max(min(count.bit_length() - 1, 32, 31 + shift), 0)
    return (multiplier << spare) // count, shift - spare


def _over_channels(graph: Graph, op: Op) -> bool:
    return len(graph.input(op, 0).shape) - 1 in op.attrs["axes"]


def _range(graph: Graph, op: Op, ranges: Ranges) -> Range | None:
    source, target = graph.input(op, 0), graph.output(op)
    if op.kind != "mean" or _over_channels(graph, op):
        return None
    count = source.size // target.size
    multiplier, shift = _rescale(source.scale / target.scale, count)

    def mean(value: Ints) -> Ints:
        total = (value - source.zero_point) * count
        return fixedpoint.multiply_twice_rounded(total, multiplier, shift) + target.zero_point

    given = ranges[source.name]
    return Range(mean(given.low), mean(given.high)).clipped(*fixedpoint.LIMITS[target.dtype])


MANY = (
    # sums that 16 bits do not hold, and of many groups
    ("many", (1, 20, 15, 37), (1, 2)),
    ("groups", (5, 3, 13, 9), (0, 2)),
)


def cases() -> Iterator[Case]:
    for i, (shape, axes, keep), dtype in case.typed(reduction.SHAPES, "int16"):
        rng = np.random.default_rng(i)
        output = reduction.reduced(shape, tuple(axis % len(shape) for axis in axes), keep)
        source = case.activation(rng, "input", shape, dtype, case.scale(dtype, 0.1))
        target = case.activation(rng, "output", output, dtype, case.scale(dtype, 0.03 if i % 2 else 0.15))
        indices = case.indices("axes", *axes)
        yield Case(f"mean_{dtype}_{i}", "MEAN", (source, indices), target, {"keepDims": keep})
        if dtype == "int8":
            wider = case.activation(rng, "output", output, dtype, 0.7)
            yield Case(f"sum_{i}", "SUM", (source, indices), wider, {"keepDims": keep})
    for dtype, (name, shape, axes) in itertools.product(("int8", "int16"), MANY):
        rng = np.random.default_rng(8)
        source = case.activation(rng, "input", shape, dtype, case.scale(dtype, 0.1))
        output = reduction.reduced(shape, axes, False)
        target = case.activation(rng, "output", output, dtype, case.scale(dtype, 0.03))
        inputs = (source, case.indices("axes", *axes))
        yield Case(f"mean_{dtype}_{name}", "MEAN", inputs, target, {"keepDims": False})
    yield from reduction.integer_cases("SUM")


def _kept(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Kept | None:
    return None if _over_channels(graph, op) else channels.alike(graph, op, ranges, kept)


operator = Operator(
    ("MEAN", "SUM"),
    infer,
    calls,
    reduction.read,
    distance=reduction.distance,
    cases=cases,
    channels=channels.Channels(_kept, _range),
)
