# SPDX-License-Identifier: Apache-2.0
"""CUMSUM: int32, along a dimension, in either direction."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, check, require, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, axis = inputs
    assert source is not None and axis is not None
    return {
        "axis": view.resolve_axis(axis, source.shape),
        "exclusive": bool(options.get("exclusive")),
        "reverse": bool(options.get("reverse")),
    }


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    good = source.data is None and source.dtype == target.dtype == "int32"
    what = f"it makes {target.dtype} from {source.dtype}"
    require(good, graph, op, what, "LiteRT adds up int32 and float only")
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target, axis = graph.input(op, 0), graph.output(op), op.attrs["axis"]
    params = {
        "outer": math.prod(source.shape[:axis]),
        "count": source.shape[axis],
        "inner": math.prod(source.shape[axis + 1 :]),
        "exclusive": int(op.attrs["exclusive"]),
        "backwards": int(op.attrs["reverse"]),
    }
    return (Call("cumsum", "cumsum_s32", params, (Input(source.name), Output(target.name))),)


def cases() -> Iterator[Case]:
    for i, (exclusive, reverse) in enumerate(itertools.product((False, True), repeat=2)):
        source = Tensor("input", (2, 5, 3), "int32")
        axis = Tensor("axis", (), "int32", None, np.array((1, -1, 0, 2)[i], np.int32))
        options = {"exclusive": exclusive, "reverse": reverse}
        target = Tensor("output", source.shape, "int32")
        ranges = {"input": (-(2**24), 2**24)}
        yield Case(f"cumsum_{i}", "CUMSUM", (source, axis), target, options, ranges=ranges)


operator = Operator(("CUMSUM",), infer, calls, read, cases=cases)
