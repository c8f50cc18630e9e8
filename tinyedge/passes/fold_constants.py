# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph as a file has it, gives one without what depends on constants and shapes alone.

TensorFlow's converter leaves the batch open and computes, before every RESHAPE, a shape from that of another
tensor. The batch is 1 here, so all of that is constant. LiteRT evaluates it, and says the shapes that
the file leaves open (-1). What LiteRT refuses stays as it is, and is told later if nobody can compile it.
"""

from __future__ import annotations

from dataclasses import replace

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.oracle.kernels import Kernels, Refused

OF_SHAPES = ("rank", "shape", "zeros_like")
"""Operators that ask for the shape of their input and not for its values."""

WITH_EFFECT = (
    "assign_variable",
    "bernoulli",
    "call",
    "call_once",
    "custom",
    "hashtable",
    "hashtable_find",
    "hashtable_import",
    "if",
    "multinomial",
    "random_standard_normal",
    "random_uniform",
    "read_variable",
    "unknown",
    "var_handle",
    "while",
)
"""Operators whose outputs depend on more than their inputs, or that do more than give outputs."""


def run(graph: Graph) -> Graph:
    """Fold and settle from first to last operator; outputs of the model stay computed."""
    tensors = dict(graph.tensors)
    kept = []
    with Kernels() as kernels:
        for op in graph.ops:
            if _foldable(graph, op, tensors) and _fold(kernels, graph, op, tensors):
                continue
            kept.append(op)
            if any(_open(tensors[name]) for name in op.outputs):
                _settle(kernels, graph, op, tensors)
    return replace(graph, tensors=tensors, ops=tuple(kept)).pruned()


def _open(tensor: Tensor) -> bool:
    """Is its shape not known? A file cannot tell a scalar from a tensor that it knows nothing about."""
    return tensor.data is None and (-1 in tensor.shape or tensor.shape == ())


def _evaluable(op: Op) -> bool:
    inside = op.source is not None and not op.source.intermediates
    return inside and op.kind not in WITH_EFFECT and not op.kind.startswith("custom ")


def _foldable(graph: Graph, op: Op, tensors: dict[str, Tensor]) -> bool:
    if not _evaluable(op) or not op.outputs or any(name in graph.outputs for name in op.outputs):
        return False
    sources = [tensors[name] for name in op.inputs if name is not None]
    if op.kind in OF_SHAPES:
        return not any(_open(source) for source in sources)
    return all(source.data is not None for source in sources)


def _fold(kernels: Kernels, graph: Graph, op: Op, tensors: dict[str, Tensor]) -> bool:
    """Turn the outputs of `op` into constants; False where LiteRT does not run it."""
    try:
        values = kernels.run(_alone(graph, op, tensors))
    except Refused:
        return False
    if any(value.dtype.name != tensors[name].dtype for name, value in values.items()):
        return False
    for name, value in values.items():
        tensors[name] = replace(tensors[name], shape=value.shape, data=value)
    return True


def _settle(kernels: Kernels, graph: Graph, op: Op, tensors: dict[str, Tensor]) -> None:
    """Give the outputs of `op` the shapes that LiteRT gives them; they stay open where it refuses."""
    sources = [tensors[name] for name in op.inputs if name is not None]
    if not _evaluable(op) or any(-1 in source.shape for source in sources):
        return
    try:
        shapes = kernels.shapes(_alone(graph, op, tensors))
    except Refused:
        return
    for name, shape in shapes.items():
        tensors[name] = replace(tensors[name], shape=shape)


def _alone(graph: Graph, op: Op, tensors: dict[str, Tensor]) -> Graph:
    """The operator as a model of its own; a shape that is not known is anything, since LiteRT sets it."""
    names = dict.fromkeys(name for name in (*op.inputs, *op.outputs) if name is not None)
    own = {n: replace(tensors[n], shape=tuple(abs(d) for d in tensors[n].shape)) for n in names}
    states = {name: graph.states[name] for name in graph.states_of(op)}
    inputs = tuple(n for n in names if own[n].data is None and n not in (*op.outputs, *states))
    return Graph(op.name, own, (op,), inputs, op.outputs, states)
