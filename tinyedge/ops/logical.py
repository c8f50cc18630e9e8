# SPDX-License-Identifier: Apache-2.0
"""LOGICAL_AND, LOGICAL_OR and LOGICAL_NOT, the first two with broadcasting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, Output, broadcast, check, elementwise, require

TRUTH = {"logical_and": 0b1000, "logical_or": 0b1110, "logical_not": 0b0011}
"""te_logical's parameter; NOT does not look at its second operand, of which there is none."""

NOTHING = Tensor("nothing", (1,), "bool", None, np.zeros(1, np.bool_))


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 2)
    return {}


def _operands(graph: Graph, op: Op) -> tuple[Tensor, Tensor]:
    second = graph.optional_input(op, 1)
    return graph.input(op, 0), NOTHING if second is None else second


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    count = 1 if op.kind == "logical_not" else 2
    good = len(op.inputs) == count and None not in op.inputs
    require(good, graph, op, f"it has {len(op.inputs)} inputs", "convert the model again")
    operands = _operands(graph, op)
    for tensor in (*operands, graph.output(op)):
        what = f"{tensor.name!r} is {tensor.dtype}, not bool"
        require(tensor.dtype == "bool", graph, op, what, "convert the model again")
    return (broadcast.shape(graph, op, operands),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    a, b = _operands(graph, op)
    params = {**broadcast.params("ab", (a, b)), "truth": TRUTH[op.kind]}
    arguments = (elementwise.operand(a), elementwise.operand(b), Output(graph.output(op).name))
    return (Call("logical", "logical", params, arguments),)


def cases() -> Iterator[Case]:
    for kind in operator.tflite:
        shapes: list[tuple[tuple[int, ...], tuple[int, ...]]] = [((1, 5, 9), (1, 5, 9)), ((2, 3, 4), (4,))]
        for i, (first, second) in enumerate(shapes):
            operands = (Tensor("a", first, "bool"), Tensor("b", second, "bool"))
            inputs = operands[:1] if kind == "LOGICAL_NOT" else operands
            yield Case(f"{kind.lower()}_{i}", kind, inputs, Tensor("output", first, "bool"), {})


operator = Operator(
    ("LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT"),
    infer,
    calls,
    read,
    distance=elementwise.distance,
    cases=cases,
)
