# SPDX-License-Identifier: Apache-2.0
"""TABLE, any function of one byte: made by passes/make_tables.py of elementwise parts; none of TFLite's."""

from __future__ import annotations

from tinyedge.graph import Graph, Op
from tinyedge.ops import Call, Operator, require, unary

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


operator = Operator(("TABLE",), infer, calls, distance=unary.distance)
