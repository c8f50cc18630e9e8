# SPDX-License-Identifier: Apache-2.0
"""The intermediate representation: tensors (shape, dtype, quantisation, data) and operators in order."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tinyedge import text

Array = np.ndarray[Any, np.dtype[Any]]
"""Numbers of any dtype and shape."""

ITEM_SIZE = {
    "bool": 1,
    "int8": 1,
    "uint8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
    "float16": 2,
    "float32": 4,
    "float64": 8,
}
"""Bytes of one element of every dtype that a graph may hold."""

STATES_AT_MOST = 64 << 20
"""Bytes of all states of a model together: far beyond any microcontroller. A file only names their shapes."""


def alike(shape: tuple[int, ...], dtype: str, value: int = 0) -> Array:
    """An initial value of a state that is the same everywhere, read-only: no memory, whatever its shape."""
    return np.broadcast_to(np.array(value, dtype), shape)


@dataclass(frozen=True)
class Quantization:
    """Affine quantisation: real = scale * (q - zero_point).

    `scale` and `zero_point` have one element (per tensor) or one for every index of dimension `axis`
    (per channel). Scales are float32 values held exactly in Python floats.
    """

    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    axis: int | None = None


@dataclass(frozen=True)
class Part:
    """Which indices of the last dimension of a tensor of the TFLite file there are, of how many."""

    channels: tuple[int, ...]
    of: int


@dataclass(frozen=True)
class Tensor:
    """One value in the graph; `data` is set for constants; `index` is its number in the TFLite file.

    `part` is set where it holds a part of what that has.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None
    data: Array | None = None
    index: int | None = None
    part: Part | None = None

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.size * ITEM_SIZE[self.dtype]

    @property
    def scale(self) -> float:
        """The per-tensor scale."""
        assert self.quantization is not None
        return self.quantization.scale[0]

    @property
    def zero_point(self) -> int:
        """The per-tensor zero point."""
        assert self.quantization is not None
        return self.quantization.zero_point[0]


@dataclass(frozen=True)
class Source:
    """An operator as the TFLite file has it: what LiteRT must be told to run it again.

    options_type: the flatbuffer table that `options` come from, by field names; "" where there are none.
    intermediates: how the tensors inside an operator are quantised, where it says so (LSTM).
    """

    builtin: str
    version: int = 1
    options_type: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    intermediates: tuple[Quantization | None, ...] = ()


@dataclass(frozen=True)
class Op:
    """One operator: its kind is the TFLite name in lower case; an absent optional input is None.

    A state (see Graph) stands among the inputs, wherever the operator wants it: READ_VARIABLE is
    `inputs=(state,), outputs=(value,)`, ASSIGN_VARIABLE `inputs=(state, value), outputs=()`, a recurrent cell
    lists its own where TFLite lists its variable tensors. Whether a state is read, written or both is the
    operator's to know.

    `attrs` are what our own operator reads of `source`, once passes have read it; an operator of ours that a
    pass makes has no source.
    """

    kind: str
    name: str
    inputs: tuple[str | None, ...]
    outputs: tuple[str, ...]
    attrs: Mapping[str, Any] = field(default_factory=dict)
    source: Source | None = None


@dataclass(frozen=True)
class Graph:
    """Operators in execution order over named tensors.

    `states` are the tensors that live from one run to the next: by name, the values that they have before the
    first one, of the tensor's shape and dtype. A state is in `tensors` without data, is neither input nor
    output of the model, and stands in no `Op.outputs`: operators change it in place, so the graph has one
    name for all its values. What an operator finds in it is decided by order alone: operators that name the
    same state run in the order of `ops`, whatever else is moved, and each is done with it before the next
    begins. An operator that names a state has an effect even where nothing reads its outputs.
    """

    name: str
    tensors: Mapping[str, Tensor]
    ops: tuple[Op, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    states: Mapping[str, Array] = field(default_factory=dict)

    def input(self, op: Op, i: int) -> Tensor:
        """Input `i` of `op`, which must be present."""
        name = op.inputs[i]
        assert name is not None
        return self.tensors[name]

    def optional_input(self, op: Op, i: int) -> Tensor | None:
        """Input `i` of `op`, or None where it was left out."""
        name = op.inputs[i] if i < len(op.inputs) else None
        return None if name is None else self.tensors[name]

    def output(self, op: Op, i: int = 0) -> Tensor:
        """Output `i` of `op`."""
        return self.tensors[op.outputs[i]]

    def activations(self, op: Op) -> tuple[str, ...]:
        """The inputs of `op` that are computed in this run (no constants, no states), once each, in order."""
        found = (n for n in op.inputs if n is not None and self.tensors[n].data is None)
        return tuple(dict.fromkeys(n for n in found if n not in self.states))

    def states_of(self, op: Op) -> tuple[str, ...]:
        """The states that `op` uses, once each, in order."""
        return tuple(dict.fromkeys(n for n in op.inputs if n is not None and n in self.states))

    def readers(self) -> Mapping[str, tuple[Op, ...]]:
        """Who reads each tensor, in order, once each; every tensor has an entry."""
        found: dict[str, list[Op]] = {name: [] for name in self.tensors}
        for op in self.ops:
            for name in dict.fromkeys(op.inputs):
                if name is not None:
                    found[name].append(op)
        return {name: tuple(ops) for name, ops in found.items()}

    def makers(self) -> Mapping[str, Op]:
        """Who computes each tensor; the model's inputs and constants have no entry."""
        return {name: op for op in self.ops for name in op.outputs}

    def pruned(self) -> Graph:
        """Without operators that compute only what nobody needs, and without tensors that nobody uses.

        An operator without outputs or with a state is there for its effect and stays; inputs and states stay.
        """
        needed = set(self.outputs)
        kept = []
        for op in reversed(self.ops):
            if not op.outputs or self.states_of(op) or not needed.isdisjoint(op.outputs):
                kept.append(op)
                needed.update(name for name in op.inputs if name is not None)
        used = needed.union(self.inputs, self.states, *(op.outputs for op in kept))
        tensors = {name: tensor for name, tensor in self.tensors.items() if name in used}
        return replace(self, tensors=tensors, ops=tuple(reversed(kept)))


def unused(name: str, taken: Container[str]) -> str:
    """The name, with as many `_` behind it as make it none of those that are `taken`."""
    while name in taken:
        name += "_"
    return name


class IllFormed(Exception):
    """A graph that breaks a rule of `verify`: our defect after a pass, the file's after lowering."""


def verify(graph: Graph) -> None:
    """Raise IllFormed, naming the culprit, unless the graph is well formed.

    Well formed: every name resolves, every activation is written exactly once and before it is read,
    constants and initial values have the shape and dtype that they claim, and states are never outputs.
    """

    def need(condition: bool, what: str) -> None:
        if not condition:
            raise IllFormed(what)

    for name, tensor in graph.tensors.items():
        need(name == tensor.name, f"tensor {tensor.name!r} is filed under {name!r}")
        need(tensor.dtype in ITEM_SIZE, f"tensor {name!r} has dtype {tensor.dtype}")
        if tensor.data is not None:
            need(
                tensor.data.shape == tensor.shape,
                f"{name!r} has data {tensor.data.shape}, not {tensor.shape}",
            )
            need(
                tensor.data.dtype == np.dtype(tensor.dtype), f"{name!r} has data of type {tensor.data.dtype}"
            )
    for name, initial in graph.states.items():
        need(name in graph.tensors, f"state {name!r} is not a tensor")
        state = graph.tensors[name]
        need(state.data is None, f"state {name!r} is a constant, too")
        need(name not in (*graph.inputs, *graph.outputs), f"state {name!r} is an input or output, too")
        fits = initial.shape == state.shape and initial.dtype == np.dtype(state.dtype)
        given = f"{initial.dtype} {initial.shape}"
        need(fits, f"state {name!r} is {state.dtype} {state.shape}, its initial value {given}")
    for name, count in Counter(op.name for op in graph.ops).items():
        need(count == 1, f"{count} operators are called {name!r}")
    need(len(set(graph.inputs)) == len(graph.inputs), "an input is listed twice")
    constants = {n for n, t in graph.tensors.items() if t.data is not None}
    need(not constants & set(graph.inputs), "an input of the model is a constant")
    need(not constants & set(graph.outputs), "an output of the model is a constant")
    known = constants | set(graph.inputs) | set(graph.states)
    for op in graph.ops:
        for source in op.inputs:
            need(source is None or source in known, f"{op.name!r} reads {source!r} before it is written")
        for target in op.outputs:
            need(target in graph.tensors, f"{op.name!r} writes {target!r}, which is not a tensor")
            need(target not in known, f"{op.name!r} writes {target!r}, which is already set")
            known.add(target)
        for inner in op.attrs.values():
            if isinstance(inner, Graph):
                verify(inner)
    need(bool(graph.inputs) and bool(graph.outputs), "a model needs an input and an output")
    for name in (*graph.inputs, *graph.outputs):
        need(name in known, f"{name!r} is an input or output of the model but is never set")


def dump(graph: Graph) -> str:
    """The graph as text, one line an operator; what `--dump graph` prints and golden tests compare."""

    def show(name: str | None) -> str:
        if name is None:
            return "-"
        tensor = graph.tensors[name]
        mark = "const " if tensor.data is not None else "state " if name in graph.states else ""
        shape = "x".join(map(str, tensor.shape)) or "scalar"
        shape += f" of {tensor.part.of}" if tensor.part else ""
        return f"{name}: {mark}{tensor.dtype}[{shape}]"

    lines = [f"graph {graph.name}", *(f"  input  {show(n)}" for n in graph.inputs)]
    lines += [f"  state  {show(n)} = {_digest(initial)}" for n, initial in graph.states.items()]
    for op in graph.ops:
        told = op.attrs or (op.source.options if op.source else {})
        bodies = {key: value for key, value in sorted(told.items()) if isinstance(value, Graph)}
        attrs = " ".join(f"{key}={value}" for key, value in sorted(told.items()) if key not in bodies)
        lines.append(f"  {op.name} = {op.kind} {attrs}".rstrip())
        lines += [f"      {key} {line}" for key, body in bodies.items() for line in dump(body).splitlines()]
        lines += [f"      in  {show(n)}" for n in op.inputs]
        lines += [f"      out {show(n)}" for n in op.outputs]
    lines += [f"  output {show(n)}" for n in graph.outputs]
    return "".join(f"{text.terminal(line)}\n" for line in lines)


def _digest(values: Array) -> str:
    """The one value that all elements have, or how many there are and the start of their SHA-256."""
    if values.size and (values == values.flat[0]).all():
        return str(values.flat[0])
    return f"{values.size} values, SHA-256 {hashlib.sha256(values.tobytes()).hexdigest()[:16]}"
