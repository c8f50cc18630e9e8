# SPDX-License-Identifier: Apache-2.0
"""MUL: int8, int16 and int32, with broadcasting."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Graph, Op
from tinyedge.ops import Call, Case, Operator, Output, channels, check, elementwise, integer, require
from tinyedge.ops.requantize import SUM_LIMIT


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    if graph.output(op).dtype == "int32":
        return integer.infer_fused(graph, op)
    return elementwise.infer(graph, op)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    if target.dtype == "int32":
        return integer.calls(graph, op, rounding)
    with np.errstate(all="ignore"):
        # LiteRT computes this ratio in float32.
        real = float(np.float32(a.scale) * np.float32(b.scale) / np.float32(target.scale))
    multiplier, shift = fixedpoint.quantize_multiplier(real) if np.isfinite(real) else (0, 31)
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    most = elementwise.largest(a) * elementwise.largest(b)
    fits = shift <= 30 and most <= SUM_LIMIT >> max(shift, 0)
    require(fits, graph, op, "its products do not fit 32 bits", check.ROOM)
    params: dict[str, int | tuple[int, ...]] = {
        "a_zero_point": a.zero_point,
        "b_zero_point": b.zero_point,
        "out_zero_point": target.zero_point,
        "multiplier": multiplier,
        "shift": shift,
        "out_min": low,
        "out_max": high,
    }
    arguments = (elementwise.operand(a), elementwise.operand(b), Output(target.name))
    return (Call("mul", f"mul_{elementwise.suffix(a)}", elementwise.params(graph, op) | params, arguments),)


def cases() -> Iterator[Case]:
    yield from elementwise.cases("MUL", 0.3)
    yield from integer.cases_of("MUL", elementwise.options("MUL", 3))


operator = Operator(
    ("MUL",),
    infer,
    calls,
    elementwise.read,
    distance=elementwise.distance,
    cases=cases,
    channels=channels.OPERANDS,
)
