# SPDX-License-Identifier: Apache-2.0
"""Takes a lowered Graph, gives one for the planner: legal, without float borders, with exact fusions done."""

from __future__ import annotations

import importlib
from dataclasses import replace

from tinyedge.errors import together
from tinyedge.graph import Graph, IllFormed, verify
from tinyedge.options import Rounding
from tinyedge.passes.reading import problems, read

__all__ = ["apply", "legalize", "optimize", "problems", "read"]
BEFORE_READING = (
    "fold_constants",
    "strip_float_border",
    "move_integers",
    "shift_uint8",
    "make_tables",
    "make_interpolations",
    "give_states",
)
"""Passes on a graph as the file has it, which make a model legal: any operator of TFLite may be in it."""
AS_LITERT = ("make_tables", "make_interpolations")
"""Passes that equal LiteRT's kernels and not TFLM's, where these differ."""
AFTER_CHECK = ("fold_pad", "leave_out_channels")
"""Passes that make a legal model smaller or faster; the bits of its outputs stay."""


def optimize(graph: Graph, rounding: Rounding = "litert") -> Graph:
    """Run all passes in order; raises Unsupported, with every reason for which this cannot be compiled."""
    graph, found = read(legalize(graph, rounding))
    if found:
        raise together(f"{graph.name} cannot be built", found)
    for name in AFTER_CHECK:
        graph = apply(name, graph)
    return graph


def legalize(graph: Graph, rounding: Rounding = "litert") -> Graph:
    """Run the passes that `read` presupposes, in the steps of loops, too."""
    for name in BEFORE_READING:
        if rounding == "litert" or name not in AS_LITERT:
            graph = apply(name, graph)
    ops = []
    for op in graph.ops:
        inner = {"body": legalize(op.attrs["body"], rounding)} if "body" in op.attrs else {}
        ops.append(replace(op, attrs={**op.attrs, **inner}))
    return replace(graph, ops=tuple(ops))


def apply(name: str, graph: Graph) -> Graph:
    """Run the pass in passes/<name>.py and verify what it made; a broken graph names the pass."""
    result: Graph = importlib.import_module(f"{__name__}.{name}").run(graph)
    try:
        verify(result)
    except IllFormed as error:
        raise AssertionError(f"pass {name} broke the graph: {error}") from error
    return result
