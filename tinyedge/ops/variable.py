# SPDX-License-Identifier: Apache-2.0
"""READ_VARIABLE and ASSIGN_VARIABLE: a state's value out of its place and into it."""

from __future__ import annotations

from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State, require


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    """One operand or result of the state's own shape and type."""
    whole = None not in op.inputs and (len(op.inputs), len(op.outputs)) in ((1, 1), (2, 0))
    what = f"it has {len(op.inputs)} inputs and {len(op.outputs)} outputs"
    require(whole, graph, op, what, "convert the model again")
    state = _state(graph, op)
    other = graph.output(op) if op.outputs else graph.input(op, 1)
    if not op.outputs:
        require(other.data is None, graph, op, f"{other.name!r} is a constant", "give it a computed value")
    good = other.shape == state.shape and other.dtype == state.dtype and state.dtype in ITEM_SIZE
    what = f"its state is {state.dtype} {state.shape}, the value {other.dtype} {other.shape}"
    require(good, graph, op, what, "keep the type and shape of a state")
    return (state.shape,) if op.outputs else ()


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    state = _state(graph, op)
    place = State(state.name)
    arguments = (place, Output(op.outputs[0])) if op.outputs else (Input(graph.input(op, 1).name), place)
    return (Call("copy", "copy", {"size": state.nbytes}, arguments),)


def _state(graph: Graph, op: Op) -> Tensor:
    state = graph.input(op, 0)
    require(state.name in graph.states, graph, op, f"{state.name!r} is no state", "convert the model again")
    return state


operator = Operator(("ASSIGN_VARIABLE", "READ_VARIABLE"), infer, calls, stateful=True)
