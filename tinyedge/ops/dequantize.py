# SPDX-License-Identifier: Apache-2.0
"""DEQUANTIZE: known so that passes/strip_float_border.py can take it off a model's end; refused elsewhere."""

from __future__ import annotations

from tinyedge.graph import Graph, Op
from tinyedge.ops import Call, Operator, check, require, unary


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    what = f"it makes {graph.output(op).name!r} float inside the model"
    require(False, graph, op, what, check.QUANTIZE)
    return ()


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    raise AssertionError("infer lets no DEQUANTIZE through")


operator = Operator(("DEQUANTIZE",), infer, calls, unary.read)
