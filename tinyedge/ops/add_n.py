# SPDX-License-Identifier: Apache-2.0
"""ADD_N: the sum of several int32 tensors of one shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Argument, Call, Case, Operator, Output, elementwise, integer, require


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    if len(inputs) < 2 or None in inputs:
        raise Unsupported(f"it has {len(inputs)} inputs", "convert the model again")
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    first, target = graph.input(op, 0), graph.output(op)
    tensors = [graph.input(op, i) for i in range(len(op.inputs))]
    good = all(t.dtype == target.dtype == "int32" and t.shape == first.shape for t in tensors)
    what = f"it adds up {', '.join(f'{t.dtype} {t.shape}' for t in tensors)}"
    require(good, graph, op, what, "LiteRT has it for int32 of one shape")
    computed = any(tensor.data is None for tensor in tensors)
    require(computed, graph, op, "all its operands are constants", "fold constants before converting")
    return (first.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    """One addition after another, the sum so far being in the output."""
    target = graph.output(op)
    first, *others = (graph.input(op, i) for i in range(len(op.inputs)))
    total: Argument = elementwise.operand(first)
    made = []
    for other in others:
        arguments = [total, elementwise.operand(other)]
        made.append(integer.call(graph, op, "add", (first, other), arguments))
        total = Output(target.name)
    return tuple(made)


def cases() -> Iterator[Case]:
    for count in (2, 4):
        terms = tuple(Tensor(f"input{i}", (2, 3, 5), "int32") for i in range(count))
        ranges = {term.name: (-(2**24), 2**24) for term in terms}
        yield Case(f"add_n_{count}", "ADD_N", terms, Tensor("output", (2, 3, 5), "int32"), {}, ranges=ranges)


operator = Operator(("ADD_N",), infer, calls, read, cases=cases)
