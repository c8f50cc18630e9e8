# SPDX-License-Identifier: Apache-2.0
"""SELECT and SELECT_V2: elements of one tensor or of another, with broadcasting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, Output, broadcast, case, check, elementwise, require, strided


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 3, 3)
    return {}


def _operands(graph: Graph, op: Op) -> tuple[Tensor, Tensor, Tensor]:
    """Condition and both choices; a vector that chooses rows for SELECT as a column."""
    condition, a, b = (graph.input(op, i) for i in range(3))
    if op.kind == "select" and len(condition.shape) == 1 and condition.shape != a.shape:
        condition = replace(condition, shape=(*condition.shape, *(1,) * (len(a.shape) - 1)))
    return condition, a, b


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    condition, a, b = _operands(graph, op)
    target = graph.output(op)
    good = condition.dtype == "bool"
    require(good, graph, op, f"its condition is {condition.dtype}", "convert the model again")
    good = a.dtype == b.dtype == target.dtype
    what = f"it makes {target.dtype} from {a.dtype} and {b.dtype}"
    require(good, graph, op, what, "convert the model again")
    require(a.dtype in strided.MOVED, graph, op, f"it takes {a.dtype}", "quantise the model")
    shape = broadcast.shape(graph, op, (condition, a, b))
    alike = op.kind != "select" or shape == a.shape == b.shape
    require(alike, graph, op, f"it chooses from shapes {a.shape} and {b.shape}", "reshape them")
    return (shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    operands = _operands(graph, op)
    target = graph.output(op)
    params = {**broadcast.params("cab", operands), "width": ITEM_SIZE[target.dtype]}
    arguments = (*map(elementwise.operand, operands, ("condition", "first", "second")), Output(target.name))
    return (Call("select", "select", params, arguments),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """Each element is read once, just before that of the output is written; None where that is wider."""
    return 0 if graph.tensors[source].nbytes == graph.output(op).nbytes else None


def cases() -> Iterator[Case]:
    # condition, choices, output; SELECT has the first two
    shapes: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = [
        ((2, 3, 4), (2, 3, 4), (2, 3, 4)),
        ((3,), (3, 5), (3, 5)),
        ((2, 1, 4), (3, 1), (1,)),
    ]
    for kind in operator.tflite:
        chosen = shapes[:2] if kind == "SELECT" else shapes[::2]
        words = ((i, shape, "int32") for i, shape in enumerate(chosen))
        for i, (condition, first, second), dtype in (*words, *case.typed(chosen, "int16", "int64")):
            a = case.moved(np.random.default_rng(i), "a", first, dtype)
            b = replace(a, name="b", shape=second)
            flags = Tensor("condition", condition, "bool")
            result = first if kind == "SELECT" else np.broadcast_shapes(condition, first, second)
            target = replace(a, name="output", shape=result)
            yield Case(f"{kind.lower()}_{dtype}_{i}", kind, (flags, a, b), target, {})
            if i == 0 and dtype == "int8":
                data = np.arange(a.size).reshape(a.shape).astype(dtype)
                choices = replace(a, data=data), replace(b, data=-data)
                yield Case(f"{kind.lower()}_of_constants", kind, (flags, *choices), target, {})


operator = Operator(("SELECT", "SELECT_V2"), infer, calls, read, distance=distance, cases=cases)
