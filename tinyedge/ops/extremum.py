# SPDX-License-Identifier: Apache-2.0
"""MAXIMUM and MINIMUM: int8, int16 and int32, with broadcasting; quantised alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tinyedge.graph import ITEM_SIZE, Graph, Op
from tinyedge.ops import Call, Case, Operator, Output, broadcast, channels, check, elementwise, integer


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    if graph.output(op).dtype == "int32":
        return integer.infer_fused(graph, op)
    shapes = elementwise.infer(graph, op)
    for i in (0, 1):
        check.same_quantization(graph, op, graph.input(op, i), graph.output(op))
    return shapes


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    params = {**broadcast.params("ab", (a, b)), "largest": int(op.kind == "maximum")}
    arguments = (elementwise.operand(a), elementwise.operand(b), Output(target.name))
    return (Call("extremum", f"extremum_s{8 * ITEM_SIZE[a.dtype]}", params, arguments),)


def cases() -> Iterator[Case]:
    for kind in operator.tflite:
        yield from integer.cases_of(kind, {})
        for made in elementwise.cases(kind, 0.3):
            a, b = made.inputs
            assert a is not None and b is not None
            quantization = a.quantization
            inputs = (a, replace(b, quantization=quantization))
            yield replace(
                made, inputs=inputs, output=replace(made.output, quantization=quantization), options={}
            )


operator = Operator(
    ("MAXIMUM", "MINIMUM"),
    infer,
    calls,
    elementwise.read,
    distance=elementwise.distance,
    cases=cases,
    channels=channels.OPERANDS,
)
