# SPDX-License-Identifier: Apache-2.0
"""INTERPOLATION, a function by 513 points: made by passes/make_interpolations.py; none of TFLite's."""

from __future__ import annotations

import numpy as np

from tinyedge.graph import Array, Graph, Op
from tinyedge.ops import Call, Constant, Input, Operator, Output, require, unary

POINTS = 513


def apply(points: Array, values: Array) -> Array:
    """What the kernel makes of int16 `values`, as int64."""
    index = 256 + (values.astype(np.int64) >> 7)
    table = points.astype(np.int64)
    # Steps have 16 bits, too.
    step = (table[index + 1] - table[index]).astype(np.int16).astype(np.int64)
    total = table[index] + ((step * (values.astype(np.int64) & 127) + 64) >> 7)
    results: Array = total.astype(np.int16).astype(np.int64)
    return results


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, points, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    good = (
        source.dtype == target.dtype == points.dtype == "int16"
        and source.data is None
        and points.data is not None
        and points.shape == (POINTS,)
    )
    what = f"no points make {target.dtype} of {source.dtype}"
    require(good, graph, op, what, "this is a defect: report it")
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    unary.require_litert(graph, op, rounding)
    source, points, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    assert points.data is not None
    arguments = (Input(source.name), Constant("points", points.data), Output(target.name))
    return (Call("interpolation", "interpolation_s16", {"size": source.size}, arguments),)


operator = Operator(("INTERPOLATION",), infer, calls, distance=unary.distance)
