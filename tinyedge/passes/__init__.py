# SPDX-License-Identifier: Apache-2.0
"""Takes a lowered Graph, gives one for the planner: legal, without float borders, with exact fusions done."""

from __future__ import annotations

import importlib
from dataclasses import replace

from tinyedge import ops
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, IllFormed, Op, verify
from tinyedge.ops import window

REPLACE = "replace this layer by others; `tinyedge operators` lists what there is"
FIX = "give the layer sizes that do not depend on the data"
BEFORE_READING = ("fold_constants", "strip_float_border")
"""Passes on a graph as the file has it, which make a model legal: any operator of TFLite may be in it."""
AFTER_CHECK = ("fold_pad",)
"""Passes that make a legal model smaller or faster; the bits of its outputs stay."""
MOST_TOLD = 20
"""Problems that one message lists."""


def optimize(graph: Graph) -> Graph:
    """Run all passes in order; raises Unsupported, with every reason for which this cannot be compiled."""
    graph, found = read(legalize(graph))
    if found:
        more = f"; and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
        what = "; ".join(str(problem) for problem in found[:MOST_TOLD])
        raise Unsupported(f"{graph.name} cannot be built: {what}{more}", found[0].hint)
    for name in AFTER_CHECK:
        graph = apply(name, graph)
    return graph


def legalize(graph: Graph) -> Graph:
    """Run the passes that `read` presupposes."""
    for name in BEFORE_READING:
        graph = apply(name, graph)
    return graph


def apply(name: str, graph: Graph) -> Graph:
    """Run the pass in passes/<name>.py and verify what it made; a broken graph names the pass."""
    result: Graph = importlib.import_module(f"{__name__}.{name}").run(graph)
    try:
        verify(result)
    except IllFormed as error:
        raise AssertionError(f"pass {name} broke the graph: {error}") from error
    return result


def read(graph: Graph) -> tuple[Graph, list[Unsupported]]:
    """The graph with every operator's attributes, and all reasons for which it cannot be compiled.

    An operator that is listed among them may be left without attributes.
    """
    found, read_ops = [], []
    for op in graph.ops:
        try:
            op = understood(graph, op)
            check(graph, op)
        except Unsupported as error:
            found.append(error)
        read_ops.append(op)
    return replace(graph, ops=tuple(read_ops)), found


def problems(graph: Graph) -> list[Unsupported]:
    """Every reason for which a layer cannot be compiled, in the order of the layers."""
    return read(graph)[1]


def understood(graph: Graph, op: Op) -> Op:
    """The operator with the attributes that our own one reads; raises Unsupported where it cannot."""
    operator = ops.operators().get(op.kind.upper())
    ops.require(operator is not None, graph, op, "tinyedge does not have this operator", REPLACE)
    assert operator is not None
    if op.source is None or op.attrs:
        return op
    inputs = tuple(None if name is None else graph.tensors[name] for name in op.inputs)
    try:
        return replace(op, attrs=operator.read(op.source.options, inputs))
    except Unsupported as error:
        raise Unsupported(f"layer {op.name!r} ({op.kind.upper()}): {error}", error.hint) from error


def check(graph: Graph, op: Op) -> None:
    """Raise Unsupported unless our operator computes `op`, which has its attributes."""
    for name in (*graph.activations(op), *op.outputs):
        sizes = graph.tensors[name].shape
        ops.require(-1 not in sizes, graph, op, f"the shape of {name!r} is not known before it runs", FIX)
    shapes = ops.lookup(op.kind).infer(graph, op)
    actual = tuple(graph.tensors[n].shape for n in op.outputs)
    what = f"its output is {actual}, not {shapes}"
    ops.require(shapes == actual, graph, op, what, "convert the model again")
    for name in (*graph.activations(op), *op.outputs):
        sizes = graph.tensors[name].shape
        good = all(1 <= size <= window.MAX_DIMENSION for size in sizes)
        limit = f"dimensions of 1 to {window.MAX_DIMENSION} are possible"
        ops.require(good, graph, op, f"{name!r} has shape {sizes}", limit)
