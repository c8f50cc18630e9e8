# SPDX-License-Identifier: Apache-2.0
"""The intermediate representation: tensors (shape, dtype, quantisation, data) and operators in order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
"""Numbers of any dtype and shape."""

ITEM_SIZE = {
    "bool": 1,
    "int8": 1,
    "uint8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float32": 4,
}
"""Bytes of one element of every dtype that a graph may hold."""


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
class Tensor:
    """One value in the graph; `data` is set for constants; `index` is its number in the TFLite file."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    quantization: Quantization | None = None
    data: Array | None = None
    index: int | None = None

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
class Op:
    """One operator: its kind is the TFLite name in lower case; an absent optional input is None."""

    kind: str
    name: str
    inputs: tuple[str | None, ...]
    outputs: tuple[str, ...]
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """Operators in execution order over named tensors."""

    name: str
    tensors: Mapping[str, Tensor]
    ops: tuple[Op, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

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
        """The inputs of `op` that are computed at run time, once each, in order."""
        names = dict.fromkeys(n for n in op.inputs if n is not None and self.tensors[n].data is None)
        return tuple(names)

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

        An operator without outputs is there for its effect and stays; so do the model's inputs.
        """
        needed = set(self.outputs)
        kept = []
        for op in reversed(self.ops):
            if not op.outputs or not needed.isdisjoint(op.outputs):
                kept.append(op)
                needed.update(name for name in op.inputs if name is not None)
        used = needed.union(self.inputs, *(op.outputs for op in kept))
        tensors = {name: tensor for name, tensor in self.tensors.items() if name in used}
        return replace(self, tensors=tensors, ops=tuple(reversed(kept)))


class IllFormed(Exception):
    """A graph that breaks a rule of `verify`: our defect after a pass, the file's after lowering."""


def verify(graph: Graph) -> None:
    """Raise IllFormed, naming the culprit, unless the graph is well formed.

    Well formed: every name resolves, every activation is written exactly once and before it is read,
    and constants have the shape and dtype that they claim.
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
    for name, count in Counter(op.name for op in graph.ops).items():
        need(count == 1, f"{count} operators are called {name!r}")
    need(len(set(graph.inputs)) == len(graph.inputs), "an input is listed twice")
    constants = {n for n, t in graph.tensors.items() if t.data is not None}
    need(not constants & set(graph.inputs), "an input of the model is a constant")
    need(not constants & set(graph.outputs), "an output of the model is a constant")
    known = constants | set(graph.inputs)
    for op in graph.ops:
        for source in op.inputs:
            need(source is None or source in known, f"{op.name!r} reads {source!r} before it is written")
        for target in op.outputs:
            need(target in graph.tensors, f"{op.name!r} writes {target!r}, which is not a tensor")
            need(target not in known, f"{op.name!r} writes {target!r}, which is already set")
            known.add(target)
    need(bool(graph.inputs) and bool(graph.outputs), "a model needs an input and an output")
    for name in (*graph.inputs, *graph.outputs):
        need(name in known, f"{name!r} is an input or output of the model but is never set")


def dump(graph: Graph) -> str:
    """The graph as text, one line an operator; what `--dump graph` prints and golden tests compare."""

    def show(name: str | None) -> str:
        if name is None:
            return "-"
        tensor = graph.tensors[name]
        mark = "const " if tensor.data is not None else ""
        shape = "x".join(map(str, tensor.shape)) or "scalar"
        return f"{name}: {mark}{tensor.dtype}[{shape}]"

    lines = [f"graph {graph.name}", *(f"  input  {show(n)}" for n in graph.inputs)]
    for op in graph.ops:
        attrs = " ".join(f"{key}={value}" for key, value in sorted(op.attrs.items()))
        lines.append(f"  {op.name} = {op.kind} {attrs}".rstrip())
        lines += [f"      in  {show(n)}" for n in op.inputs]
        lines += [f"      out {show(n)}" for n in op.outputs]
    lines += [f"  output {show(n)}" for n in graph.outputs]
    return "\n".join(lines) + "\n"
