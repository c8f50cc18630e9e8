# SPDX-License-Identifier: Apache-2.0
"""GATHER: slices of a tensor, or rows of a table, at positions along a dimension."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, case, check, indexed


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, index = inputs
    assert source is not None and index is not None
    rank = len(source.shape)
    axis, shared = int(options.get("axis") or 0), int(options.get("batchDims") or 0)
    axis += rank if axis < 0 else 0
    shared += len(index.shape) if shared < 0 else 0
    good = 0 <= shared <= axis < rank and source.shape[:shared] == index.shape[:shared]
    if not good:
        what = f"dimension {axis} of {source.shape} by positions {index.shape}, {shared} in common"
        raise Unsupported(what, "convert the model again")
    return {"axis": axis, "shared": shared}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, index = graph.input(op, 0), graph.input(op, 1)
    axis, shared = op.attrs["axis"], op.attrs["shared"]
    indexed.check_operands(graph, op, source, index)
    indexed.check_blocks(graph, op, _blocks(graph, op), index)
    return ((*source.shape[:axis], *index.shape[shared:], *source.shape[axis + 1 :]),)


def _blocks(graph: Graph, op: Op) -> indexed.Blocks:
    source, index = graph.input(op, 0).shape, graph.input(op, 1).shape
    axis, shared = op.attrs["axis"], op.attrs["shared"]
    return indexed.Blocks(
        batches=math.prod(source[:shared]),
        outer=math.prod(source[shared:axis]),
        count=math.prod(index[shared:]),
        plane=math.prod(source[axis:]),
        block=math.prod(source[axis + 1 :]),
        sizes=(source[axis],),
        pitches=(math.prod(source[axis + 1 :]),),
    )


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    return (indexed.call(graph, op, graph.input(op, 0), graph.input(op, 1), _blocks(graph, op)),)


def cases() -> Iterator[Case]:
    # shape, dimension, shape of the positions, dimensions in common, which operand is constant
    gathers: list[tuple[tuple[int, ...], int, tuple[int, ...], int, str]] = [
        ((11, 5), 0, (1, 4), 0, "table"),
        ((2, 6, 3), 1, (3,), 0, "positions"),
        ((2, 3, 4, 2), -2, (2, 5), 1, ""),
        ((9,), 0, (), 0, ""),
    ]
    for i, (shape, axis, picked, shared, constant), dtype in case.typed(gathers, "int16", "int32", "int64"):
        rng = np.random.default_rng(i)
        source = case.moved(rng, "input", shape, dtype)
        size = shape[axis]
        index = Tensor("positions", picked, "int64" if i == 3 else "int32")
        if constant == "table":
            data = rng.integers(*LIMITS[dtype], shape, endpoint=True).astype(dtype)
            source = replace(source, data=data)
        elif constant:
            index = replace(index, data=rng.integers(0, size, picked).astype(index.dtype))
        at = axis % len(shape)
        result = (*shape[:at], *picked[shared:], *shape[at + 1 :])
        target = Tensor("output", result, dtype, source.quantization)
        options = {"axis": axis, "batchDims": shared}
        ranges = {"positions": (0, size - 1)}
        yield Case(f"gather_{dtype}_{i}", "GATHER", (source, index), target, options, ranges=ranges)


operator = Operator(("GATHER",), infer, calls, read, cases=cases)
