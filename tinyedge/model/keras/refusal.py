# SPDX-License-Identifier: Apache-2.0
"""Takes what TensorFlow made of a model, gives all reasons why it cannot be built, by the user's layers."""

from __future__ import annotations

from collections.abc import Iterable

from tinyedge import passes
from tinyedge.errors import TinyedgeError, Unsupported
from tinyedge.graph import Graph, Op
from tinyedge.model import tflite
from tinyedge.model.keras import tensor_table
from tinyedge.model.keras.names import Names
from tinyedge.passes import instead, reading

_NEVER = ("Conv3D", "Conv3DBackpropInputV2", "RFFT", "RFFT2D", "Bucketize", "Cumprod")


def is_refused(kind: str) -> bool:
    """Is it one that is known to have no integer form, whatever the model?"""
    return kind in _NEVER


def obstacles(data: bytes, names: Names, scheme: str, why: str = "") -> list[Unsupported]:
    """Every reason for which this integer model cannot be built. why: what TensorFlow said of float in it."""
    try:
        graph = passes.legalize(tflite.lower(data, "model"))
    except TinyedgeError as error:
        left = [f"{names.of(name)!r} ({kind})" for kind, name in tensor_table.read(data).islands]
        more = f"; float in {', '.join(left)}" if left else ""
        return [Unsupported(f"{error}{more}", error.hint)]
    found = [problem for op in graph.ops for problem in _of_layer(graph, op, names, scheme)]
    if not found:
        ends = (graph.tensors[name] for name in (*graph.inputs, *graph.outputs))
        real = [names.of(tensor.name) for tensor in ends if tensor.dtype == "float32"]
        told = why or "it is not quantised"
        found = [
            Unsupported(f"{name!r} stays float32 ({told})", "replace the layer that makes it")
            for name in real
        ]
    return found or reading.problems(graph)


def _of_layer(graph: Graph, op: Op, names: Names, scheme: str) -> Iterable[Unsupported]:
    if op.kind in reading.BORDER:
        return
    tensors = [graph.tensors[name] for name in (*op.outputs, *filter(None, op.inputs))]
    if any(tensor.dtype.startswith("float") for tensor in tensors):
        what = f"{_place(graph, op, names)} ({op.kind.upper()}): TensorFlow leaves it in float"
        yield Unsupported(what, instead.of(op.kind, scheme))
        return
    try:
        reading.check(graph, reading.understood(graph, op))
    except Unsupported as error:
        told = str(error).replace(f"layer {op.name!r}", _place(graph, op, names), 1)
        yield Unsupported(told, error.hint)


def _place(graph: Graph, op: Op, names: Names) -> str:
    """The author's layer that an operator belongs to, or between which layers it stands."""
    makers, readers = graph.makers(), graph.readers()

    def above(name: str) -> list[str]:
        return list(graph.activations(makers[name])) if name in makers else []

    def below(name: str) -> list[str]:
        return [target for reader in readers[name] for target in reader.outputs]

    return names.place(op.outputs[0] if op.outputs else op.name, above, below)
