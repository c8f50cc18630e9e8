# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph with TFLite's resource variables, gives one with states that have names and initial values.

VAR_HANDLE names a variable, CALL_ONCE runs a graph that gives variables their first values, READ_VARIABLE
and ASSIGN_VARIABLE use them. The first two vanish: what they say is part of the Graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Tensor, alike

Key = tuple[str, str]
"""Container and shared name of a variable."""


def resolve(graph: Graph, called: Callable[[int], Graph]) -> Graph:
    """The graph without handles; `called` gives the subgraph of a number. Raises Unsupported.

    A state is called as the tensor of its first handle, has the quantisation of the first value that is read
    from it or put into it, and starts as its initialiser says.
    """
    keys = _keys(graph)
    names: dict[Key, str] = {}
    for name, key in keys.items():
        names.setdefault(key, name)
    first = _initial(graph, called)
    tensors = {name: tensor for name, tensor in graph.tensors.items() if name not in keys}
    states: dict[str, Array] = {}
    kept: list[Op] = []
    for op in graph.ops:
        if op.kind in ("var_handle", "call_once"):
            continue
        handle = op.inputs[0] if op.inputs else None
        if op.kind in ("read_variable", "assign_variable") and handle in keys:
            key = keys[handle]
            state, label = names[key], op.name if op.outputs else f"{op.name} ({names[key]})"
            value = graph.output(op) if op.outputs else graph.input(op, 1)
            if state not in states:
                states[state] = _start(op, value, first.get(key))
                shape, dtype = states[state].shape, states[state].dtype.name
                tensors[state] = Tensor(state, shape, dtype, value.quantization)
            op = replace(op, name=label, inputs=(state, *op.inputs[1:]))
        kept.append(op)
    return replace(graph, tensors=tensors, ops=tuple(kept), states={**graph.states, **states})


def _keys(graph: Graph) -> dict[str, Key]:
    """The variable behind each handle, by the handle's tensor."""
    found = {}
    for op in graph.ops:
        if op.kind == "var_handle" and op.source is not None and op.outputs:
            options = op.source.options
            found[op.outputs[0]] = (str(options["container"]), str(options["sharedName"]))
    return found


def _initial(graph: Graph, called: Callable[[int], Graph]) -> Mapping[Key, Array]:
    """The values that initialisers assign."""
    found: dict[Key, Array] = {}
    for op in graph.ops:
        if op.kind != "call_once" or op.source is None:
            continue
        inner = called(int(op.source.options["initSubgraphIndex"]))
        keys = _keys(inner)
        for step in inner.ops:
            if step.kind == "var_handle":
                continue
            handle = step.inputs[0] if step.inputs else None
            value = inner.tensors.get(step.inputs[1] or "") if len(step.inputs) > 1 else None
            plain = step.kind == "assign_variable" and handle in keys
            if not plain or value is None or value.data is None:
                what = f"the first value of a state is computed, by {step.name!r} ({step.kind.upper()})"
                hint = "give the model's states constant initial values"
                raise Unsupported(f"{graph.name}: {what}", hint)
            found[keys[handle or ""]] = value.data
    return found


def _start(op: Op, value: Tensor, initial: Array | None) -> Array:
    """The state's values before the first run, from its initialiser; without one it must be written first."""
    if initial is not None:
        return initial
    if op.outputs:
        raise Unsupported(
            f"layer {op.name!r} ({op.kind.upper()}): its state has no initial value",
            "convert the model again, with the state's initialiser",
        )
    return alike(value.shape, value.dtype)
