# SPDX-License-Identifier: Apache-2.0
"""REVERSE_SEQUENCE: the first elements along a dimension backwards, how many being constant by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Array, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, case, check, require, strided, table_copy


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "axis", "batch" and "lengths"."""
    check.count_inputs(inputs, 2, 2)
    source, lengths = inputs
    assert source is not None and lengths is not None
    axis, batch = int(options.get("seqDim", 0)), int(options.get("batchDim", 0))
    rank = len(source.shape)
    if not (0 <= axis < rank and 0 <= batch < rank and axis != batch):
        raise Unsupported(f"it reverses dimension {axis} by {batch} of {rank}", "convert the model again")
    if lengths.data is None or lengths.shape != (source.shape[batch],):
        raise Unsupported("its lengths are computed", "make them constant, or reverse all")
    return {"axis": axis, "batch": batch, "lengths": tuple(int(n) for n in lengths.data)}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source = graph.input(op, 0)
    strided.check_moved(graph, op, source, graph.output(op))
    inside = all(0 <= n <= source.shape[op.attrs["axis"]] for n in op.attrs["lengths"])
    require(inside, graph, op, f"its lengths are {op.attrs['lengths']}", "convert the model again")
    return (source.shape,)


def _places(graph: Graph, op: Op) -> tuple[Array, int]:
    """Where each block of the output comes from, in bytes, and the bytes of one."""
    shape, axis, batch = graph.input(op, 0).shape, op.attrs["axis"], op.attrs["batch"]
    pitches = strided.pitches(shape)
    inner = max(axis, batch) + 1
    index = np.indices(shape[:inner])
    lengths = np.array(op.attrs["lengths"])[index[batch]]
    turned = np.where(index[axis] < lengths, lengths - 1 - index[axis], index[axis])
    places = sum((turned if i == axis else index[i]) * pitches[i] for i in range(inner))
    width = ITEM_SIZE[graph.output(op).dtype]
    return np.asarray(places).reshape(-1) * width, pitches[inner - 1] * width


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    places, block = _places(graph, op)
    return (table_copy.call(graph, op, [places], block),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    places, block = _places(graph, op)
    return table_copy.distance([places], block)


def cases() -> Iterator[Case]:
    turns: list[tuple[tuple[int, ...], int, int, tuple[int, ...]]] = [
        ((2, 5, 3), 1, 0, (3, 5)),
        ((4, 3), 0, 1, (0, 4, 2)),
    ]
    # LiteRT has uint8 here and no int8.
    for i, (shape, axis, batch, lengths) in enumerate(turns):
        for dtype in ("uint8", ("int16", "int64")[i]):
            source = case.moved(np.random.default_rng(i), "input", shape, dtype)
            target = Tensor("output", shape, dtype, source.quantization)
            inputs = (source, case.indices("lengths", *lengths))
            options = {"seqDim": axis, "batchDim": batch}
            yield Case(f"reverse_sequence_{dtype}_{i}", "REVERSE_SEQUENCE", inputs, target, options)


operator = Operator(("REVERSE_SEQUENCE",), infer, calls, read, distance=distance, cases=cases)
