# SPDX-License-Identifier: Apache-2.0
"""What operators share that copy blocks by tables of offsets, one table a dimension: they are one kernel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyedge.graph import ITEM_SIZE, Array, Graph, Op
from tinyedge.ops import Call, Constant, Input, Output, strided

DIMENSIONS = 4
"""TE_TABLE_COPY_DIMENSIONS of firmware/kernels/table_copy.h."""


def tables(shape: tuple[int, ...], indices: Sequence[Array], width: int) -> tuple[list[Array], int]:
    """Bytes to add for each index of each dimension of a walk over `shape`, and the bytes of a block.

    `indices` lists, for every dimension, which of its indices come one after another; `width` is the size of
    an element. Dimensions that are walked from the first index to the last join their neighbours.
    """
    pitches = [pitch * width for pitch in strided.pitches(shape)]
    block = width
    listed = list(indices)
    while listed and _whole(listed[-1], shape[len(listed) - 1]):
        block *= shape[len(listed) - 1]
        listed.pop()
    joined: list[Array] = []
    for i, index in enumerate(listed):
        offsets = np.asarray(index, np.int64) * pitches[i]
        whole = _whole(index, shape[i]) and i > 0 and _whole(listed[i - 1], shape[i - 1])
        if joined and (whole or 1 in (len(joined[-1]), len(offsets))):
            joined[-1] = (joined[-1][:, None] + offsets).reshape(-1)
        else:
            joined.append(offsets)
    return joined, block


def _whole(index: Array, size: int) -> bool:
    return len(index) == size and bool(np.all(index == np.arange(size)))


def call(graph: Graph, op: Op, offsets: Sequence[Array], block: int, scatter: bool = False) -> Call:
    """The copy of blocks of `block` bytes from (or, with `scatter`, to) where `offsets` say."""
    filled = [np.zeros(1, np.int64)] * (DIMENSIONS - len(offsets)) + list(offsets)
    table = np.concatenate(filled).astype(np.int32)
    params: dict[str, int | tuple[int, ...]] = {
        "count": tuple(map(len, filled)),
        "block": block,
        "scatter": int(scatter),
    }
    arguments = (Input(graph.input(op, 0).name), Constant("offsets", table), Output(graph.output(op).name))
    return Call("table_copy", "table_copy", params, arguments)


def distance(offsets: Sequence[Array], block: int) -> int:
    """The operator's distance where blocks come from where `offsets` say."""
    first = np.zeros(1, np.int64)
    for table in offsets:
        first = (first[:, None] + table).reshape(-1)
    return strided.trailing(first, block)


def width(graph: Graph, op: Op) -> int:
    """Bytes of an element."""
    return ITEM_SIZE[graph.output(op).dtype]
