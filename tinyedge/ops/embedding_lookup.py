# SPDX-License-Identifier: Apache-2.0
"""EMBEDDING_LOOKUP: rows of a table at positions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, case, check, indexed, require


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    index, source = inputs
    assert source is not None and index is not None
    if len(index.shape) != 1 or len(source.shape) < 2:
        raise Unsupported(f"positions {index.shape} in shape {source.shape}", "convert the model again")
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    index, source, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    indexed.check_operands(graph, op, source, index)
    require(index.dtype == "int32", graph, op, f"its positions are {index.dtype}", "give them as int32")
    if source.quantization is not None:
        check.quantized(graph, op, source, (target.dtype,))
    indexed.check_blocks(graph, op, _blocks(graph, op), index)
    return ((*index.shape, *source.shape[1:]),)


def _blocks(graph: Graph, op: Op) -> indexed.Blocks:
    index, source = graph.input(op, 0).shape, graph.input(op, 1).shape
    row = math.prod(source[1:])
    return indexed.Blocks(1, 1, index[0], math.prod(source), row, source[:1], (row,))


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    return (indexed.call(graph, op, graph.input(op, 1), graph.input(op, 0), _blocks(graph, op)),)


def cases() -> Iterator[Case]:
    for i, (shape, count) in enumerate([((7, 4), 5), ((3, 2, 3), 1)]):
        rng = np.random.default_rng(i)
        data = rng.integers(*LIMITS["int8"], shape, np.int8, endpoint=True)
        quantization = case.activation(rng, "table", shape, "int8", zero_point=0).quantization
        table = Tensor("table", shape, "int8", quantization, data)
        index = Tensor("positions", (count,), "int32")
        target = Tensor("output", (count, *shape[1:]), "int8", quantization)
        ranges = {"positions": (0, shape[0] - 1)}
        yield Case(f"embedding_{i}", "EMBEDDING_LOOKUP", (index, table), target, {}, ranges=ranges)


operator = Operator(("EMBEDDING_LOOKUP",), infer, calls, read, cases=cases)
