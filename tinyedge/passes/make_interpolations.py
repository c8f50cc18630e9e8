# SPDX-License-Identifier: Apache-2.0
"""Takes a Graph, gives one in which functions of 16 bits that LiteRT interpolates are tables of 513 points.

LiteRT's int16 kernels of EXP, GELU, LOG and RSQRT look a function up at every 128th number and draw straight
lines between. The points are read off LiteRT's own results, and taken only if they give all of them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.graph import Array, Graph, Op, Tensor, unused
from tinyedge.ops import interpolation
from tinyedge.oracle.kernels import Kernels, Refused

KINDS = ("exp", "gelu", "log", "rsqrt")


def run(graph: Graph) -> Graph:
    """Replace every such operator whose results LiteRT interpolates; others stay."""
    made: dict[str, Op] = {}
    tensors = dict(graph.tensors)
    with Kernels() as kernels:
        for op in graph.ops:
            points = _points(kernels, graph, op) if _candidate(graph, op) else None
            if points is None:
                continue
            name = unused(f"{op.outputs[0]}/points", tensors)
            tensors[name] = Tensor(name, points.shape, "int16", None, points)
            made[op.name] = Op("interpolation", op.name, (op.inputs[0], name), op.outputs)
    if not made:
        return graph
    changed = tuple(made.get(op.name, op) for op in graph.ops)
    return replace(graph, tensors=tensors, ops=changed).pruned()


def _candidate(graph: Graph, op: Op) -> bool:
    if op.kind not in KINDS or op.source is None or len(op.inputs) != 1 or len(op.outputs) != 1:
        return False
    source, target = op.inputs[0], graph.tensors[op.outputs[0]]
    return source is not None and graph.tensors[source].dtype == target.dtype == "int16"


def _points(kernels: Kernels, graph: Graph, op: Op) -> Array | None:
    """The table that gives LiteRT's results for every input; None where there is none."""
    for lowest in (-(2**15), 0):  # RSQRT refuses negative numbers: it is 1 / sqrt(x) for the others
        values = np.arange(lowest, 2**15, dtype=np.int16)
        try:
            results = _evaluate(kernels, graph, op, values).astype(np.int64)
        except Refused:
            continue
        at_points = results[::128]
        left_out = np.full(interpolation.POINTS - 1 - at_points.size, at_points[0])
        # The last point is none of the results: it is where the last line leads.
        aim = at_points[-1] + round((results[-1] - at_points[-1]) * 128 / 127)
        for last in range(int(aim) - 2, int(aim) + 3):
            points = np.concatenate([left_out, at_points, [last]])
            fits = -(2**15) <= last < 2**15
            if fits and np.array_equal(interpolation.apply(points, values), results):
                return points.astype(np.int16)
    return None


def _evaluate(kernels: Kernels, graph: Graph, op: Op, values: Array) -> Array:
    source, target = op.inputs[0], op.outputs[0]
    assert source is not None
    shape = (1, values.size)
    tensors = {name: replace(graph.tensors[name], shape=shape) for name in (source, target)}
    alone = Graph(target, tensors, (op,), (source,), (target,))
    return kernels.run(alone, {source: values.reshape(shape)})[target].reshape(-1)
