# SPDX-License-Identifier: Apache-2.0
"""What operators share that put blocks of a tensor at constant places of one that is filled or copied."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyedge.graph import ITEM_SIZE, Array, Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Output, require, strided, table_copy


def filled(target: Tensor, value: int = 0) -> Call:
    """The output full of one number."""
    width = ITEM_SIZE[target.dtype]
    words = max(1, width // 4)
    params = {"size": target.size * words, "width": min(width, 4), "value": value}
    return Call("fill", "fill", params, (Output(target.name),))


def copied(source: Tensor, target: Tensor) -> Call:
    """The output as a copy of another tensor of its size."""
    return Call("copy", "copy", {"size": target.nbytes}, (Input(source.name), Output(target.name)))


def placed(source: Tensor, target: Tensor, places: Array, block: int) -> Call:
    """Blocks of `block` bytes of `source`, one after another, to `places` in the output, in bytes."""
    ones = (1,) * (table_copy.DIMENSIONS - 1)
    table = np.concatenate([np.zeros(len(ones), np.int64), places.reshape(-1)]).astype(np.int32)
    params: dict[str, int | tuple[int, ...]] = {"count": (*ones, places.size), "block": block, "scatter": 1}
    arguments = (Input(source.name), Constant("offsets", table), Output(target.name))
    return Call("table_copy", "table_copy", params, arguments)


def diagonal(shape: Sequence[int], width: int) -> Array:
    """Where in a tensor of `shape` the elements of its matrices' diagonals lie, in bytes."""
    *outer, rows, columns = shape
    matrices = np.arange(int(np.prod(outer, dtype=np.int64))) * rows * columns
    places: Array = (matrices[:, None] + np.arange(min(rows, columns)) * (columns + 1)) * width
    return places


def check_moved(graph: Graph, op: Op, *tensors: Tensor) -> None:
    """Require computed tensors of the output's type, which can be moved."""
    for tensor in tensors:
        strided.check_moved(graph, op, tensor, graph.output(op))


def check_places(graph: Graph, op: Op, places: Array, sizes: Sequence[int]) -> None:
    """Require positions [n, coordinates] inside `sizes`, none of them twice."""
    hint = "convert the model again"
    inside = bool(np.all((places >= 0) & (places < np.array(sizes))))
    require(inside, graph, op, "positions are outside", hint)
    once = len(np.unique(places, axis=0)) == len(places)
    require(once, graph, op, "a position occurs twice", "add the parts up before")
