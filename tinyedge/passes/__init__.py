# SPDX-License-Identifier: Apache-2.0
"""Takes a lowered Graph, gives one for the planner: legal, without float borders, with exact fusions done."""

from __future__ import annotations

import importlib

from tinyedge import ops
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, IllFormed, verify
from tinyedge.ops import window

BEFORE_CHECK = ("strip_float_border",)
"""Passes that make a model legal."""
AFTER_CHECK = ("fold_pad",)
"""Passes that make a legal model smaller or faster; the bits of its outputs stay."""


def optimize(graph: Graph) -> Graph:
    """Run all passes in order; raises Unsupported for the first layer that tinyedge cannot compile."""
    graph = legalize(graph)
    found = problems(graph)
    if found:
        more = f" (and {len(found) - 1} more; `tinyedge check` lists them)" if len(found) > 1 else ""
        raise Unsupported(f"{found[0]}{more}", found[0].hint)
    for name in AFTER_CHECK:
        graph = apply(name, graph)
    return graph


def legalize(graph: Graph) -> Graph:
    """Run the passes that `problems` presupposes."""
    for name in BEFORE_CHECK:
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


def problems(graph: Graph) -> list[Unsupported]:
    """Every reason for which a layer cannot be compiled, in the order of the layers."""
    found = []
    for op in graph.ops:
        try:
            shapes = ops.lookup(op.kind).infer(graph, op)
            actual = tuple(graph.tensors[n].shape for n in op.outputs)
            ops.require(
                shapes == actual,
                graph,
                op,
                f"its output is {actual}, not {shapes}",
                "convert the model again",
            )
            for name in (*graph.activations(op), *op.outputs):
                sizes = graph.tensors[name].shape
                good = all(1 <= size <= window.MAX_DIMENSION for size in sizes)
                limit = f"dimensions of 1 to {window.MAX_DIMENSION} are possible"
                ops.require(good, graph, op, f"{name!r} has shape {sizes}", limit)
        except Unsupported as error:
            found.append(error)
    return found
