# SPDX-License-Identifier: Apache-2.0
"""TABLE, any function of one byte: made by passes/make_tables.py of elementwise parts; none of TFLite's."""

from __future__ import annotations

import numpy as np

from tinyedge.graph import Graph, Op
from tinyedge.ops import Call, Operator, channels, require, unary

TARGETS = ("int8", "uint8", "int16")
"""Types of the table's elements for which there is a kernel."""


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, table, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    good = (
        source.dtype in unary.BYTES
        and source.data is None
        and target.dtype in TARGETS
        and source.size == target.size
        and (table.data is not None and table.shape == (256,) and table.dtype == target.dtype)
    )
    require(
        good, graph, op, f"no table makes {target.dtype} of {source.dtype}", "this is a defect: report it"
    )
    return (target.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    unary.require_litert(graph, op, rounding)
    table = graph.input(op, 1).data
    assert table is not None
    return (unary.table_call(graph, op, table),)


def _range(graph: Graph, op: Op, ranges: channels.Ranges) -> channels.Range | None:
    source, table = graph.input(op, 0), graph.input(op, 1).data
    assert table is not None
    given = ranges.get(source.name)
    if given is None or graph.output(op).dtype not in ("int8", "int16"):
        return None
    # In the order of values: beyond its last byte a range of one value ends with that.
    ordered = table[unary.every_byte("int8").argsort(kind="stable")].astype(np.int64)
    # Of thousands of channels most have the same range.
    pairs, which = np.unique(np.stack([given.low, given.high]), axis=1, return_inverse=True)
    spans = [ordered[low + 128 : high + 129] for low, high in pairs.T]
    ends = np.array([[span.min() for span in spans], [span.max() for span in spans]])
    low, high = ends[:, which.reshape(-1)]
    return channels.Range(low, high)


operator = Operator(
    ("TABLE",),
    infer,
    calls,
    distance=unary.distance,
    channels=channels.Channels(channels.alike, _range),
)
