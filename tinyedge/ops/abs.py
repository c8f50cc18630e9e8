# SPDX-License-Identifier: Apache-2.0
"""ABS: int16; in 8 bits it is a table."""

from __future__ import annotations

from collections.abc import Iterator

from tinyedge.graph import Graph, Op
from tinyedge.ops import Call, Case, Input, Operator, Output, unary


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = unary.check_both(graph, op, ("int16",))
    unary.rescaling(graph, op, unary.float32_ratio(source.scale, by=target.scale))
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    multiplier, shift = 0, 0
    if source.scale != target.scale:
        ratio = unary.float32_ratio(source.scale, by=target.scale)
        multiplier, shift = unary.rescaling(graph, op, ratio)
    params = {"size": source.size, "multiplier": multiplier, "shift": shift}
    return (Call("abs", "abs_s16", params, (Input(source.name), Output(target.name))),)


def cases() -> Iterator[Case]:
    return unary.cases("ABS", "int16", same_scale=True)


operator = Operator(("ABS",), infer, calls, unary.read, distance=unary.distance, cases=cases)
