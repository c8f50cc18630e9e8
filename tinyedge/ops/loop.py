# SPDX-License-Identifier: Apache-2.0
"""WHILE over the rows of tensors: a graph of one step, run once for each row, in a loop of C.

What goes from step to step lives in the operator's own outputs. The attributes are made where the file is
read (model/loops.py): "body", the Graph of a step; "times", how often it runs; "carried", how many of its
first inputs are its first outputs of the step before. The inputs behind those are rows of the operator's, the
outputs behind those become rows of its outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge import ops
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output, require

AGAIN = "convert the model again"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    raise Unsupported(
        "its loop is not one over the rows of a tensor, a fixed number of times, with a step of its own",
        "give the Keras model instead, whose recurrent layers become such loops; or unroll it",
    )


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    body, carried = body_of(op), op.attrs["carried"]
    states = ", ".join(body.states)
    require(not states, graph, op, f"its steps keep the state {states}", "carry it from step to step")
    nested = ", ".join(repr(inner.name) for inner in body.ops if inner.kind == op.kind)
    require(not nested, graph, op, f"it has the loop {nested} inside", "unroll the inner one")
    good = len(op.inputs) == len(body.inputs) and len(op.outputs) == len(body.outputs)
    require(good and carried <= len(op.outputs), graph, op, "its steps do not fit together", AGAIN)
    for at, name in enumerate(body.inputs):
        whole, part = graph.input(op, at), body.tensors[name]
        if at < carried:
            after = body.tensors[body.outputs[at]]
            good = whole.shape == part.shape == after.shape and whole.dtype == part.dtype == after.dtype
        else:
            good = _has_rows(op, whole, part) and whole.data is None
        what = f"{name!r} is {part.dtype} {part.shape}, it gets {whole.dtype} {whole.shape}"
        require(good, graph, op, what, AGAIN)
    for at, name in enumerate(body.outputs[carried:], carried):
        whole, part = graph.output(op, at), body.tensors[name]
        what = f"{name!r} is {part.dtype} {part.shape}, it becomes {whole.dtype} {whole.shape}"
        require(_has_rows(op, whole, part), graph, op, what, AGAIN)
    return tuple(graph.tensors[name].shape for name in op.outputs)


def _has_rows(op: Op, whole: Tensor, part: Tensor) -> bool:
    """Is `part` a row of `whole`, of which that has one for each step?"""
    rows = part.shape[:1] == (1,) and whole.shape == (op.attrs["times"], *part.shape[1:])
    return rows and whole.dtype == part.dtype


def body_of(op: Op) -> Graph:
    """The graph of a step."""
    body: Graph = op.attrs["body"]
    return body


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    """What is carried gets its first value; the planner adds the calls of a step (plan/arrangement.py)."""
    found = []
    for at in range(op.attrs["carried"]):
        first, target = graph.input(op, at), graph.output(op, at)
        given = Input(first.name) if first.data is None else Constant("first", first.data)
        found.append(Call("copy", "copy", {"size": target.nbytes}, (given, Output(target.name))))
    return tuple(found)


def macs(graph: Graph, op: Op) -> int:
    body = body_of(op)
    times: int = op.attrs["times"]
    return times * sum(ops.lookup(inner.kind).macs(body, inner) for inner in body.ops)


operator = Operator(("WHILE",), infer, calls, read, macs)
