# SPDX-License-Identifier: Apache-2.0
"""RESIZE_NEAREST_NEIGHBOR: pixels repeated or left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyedge.graph import Array, Graph, Op
from tinyedge.ops import Call, Case, Operator, channels, resize, table_copy


def nearest(size: int, wanted: int, align: bool, half: bool) -> Array:
    """The input's index for each of `wanted` output indices, by LiteRT's steps in float32."""
    one = np.float32(1)
    if align and wanted > 1:
        scale = np.float32(size - 1) / np.float32(wanted - 1)
    else:
        scale = np.float32(size) / np.float32(wanted)
    real = (np.arange(wanted, dtype=np.float32) + np.float32(0.5 if half else 0)) * scale
    # Ties of numbers that are not negative go up when rounded.
    whole = np.trunc(real)
    rounded = whole + (real - whole >= one / 2) if align else np.floor(real)
    found: Array = np.clip(rounded.astype(np.int64), 0, size - 1)
    return found


def _tables(graph: Graph, op: Op) -> tuple[list[Array], int]:
    shape = graph.input(op, 0).shape
    align, half = op.attrs["align"], op.attrs["half"]
    rows, columns = (
        nearest(n, wanted, align, half) for n, wanted in zip(shape[1:3], op.attrs["size"], strict=True)
    )
    indices = [np.arange(shape[0]), rows, columns, np.arange(shape[3])]
    return table_copy.tables(shape, indices, table_copy.width(graph, op))


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    return (table_copy.call(graph, op, *_tables(graph, op)),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    return table_copy.distance(*_tables(graph, op))


def cases() -> Iterator[Case]:
    return resize.cases("RESIZE_NEAREST_NEIGHBOR", both=True)


operator = Operator(
    ("RESIZE_NEAREST_NEIGHBOR",),
    resize.infer,
    calls,
    resize.read,
    distance=distance,
    cases=cases,
    channels=channels.POOLED,
)
