# SPDX-License-Identifier: Apache-2.0
"""GATHER_ND: slices of a tensor at positions in its first dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, case, check, indexed, strided


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, index = inputs
    assert source is not None and index is not None
    if not index.shape or not 1 <= index.shape[-1] <= len(source.shape):
        raise Unsupported(f"positions {index.shape} in shape {source.shape}", "convert the model again")
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, index = graph.input(op, 0), graph.input(op, 1)
    indexed.check_operands(graph, op, source, index)
    indexed.check_blocks(graph, op, _blocks(graph, op), index)
    return ((*index.shape[:-1], *source.shape[index.shape[-1] :]),)


def _blocks(graph: Graph, op: Op) -> indexed.Blocks:
    source, index = graph.input(op, 0).shape, graph.input(op, 1).shape
    rank = index[-1]
    return indexed.Blocks(
        batches=1,
        outer=1,
        count=math.prod(index[:-1]),
        plane=math.prod(source),
        block=math.prod(source[rank:]),
        sizes=source[:rank],
        pitches=strided.pitches(source)[:rank],
    )


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    return (indexed.call(graph, op, graph.input(op, 0), graph.input(op, 1), _blocks(graph, op)),)


def cases() -> Iterator[Case]:
    gathers: list[tuple[tuple[int, ...], tuple[int, ...], bool]] = [
        ((4, 3, 5), (2, 3, 2), False),
        ((6, 4), (5, 1), True),
        ((3, 3, 3), (4, 3), False),
    ]
    for i, (shape, picked, constant), dtype in case.typed(gathers, "int16", "int32", "int64"):
        rng = np.random.default_rng(i)
        source = case.moved(rng, "input", shape, dtype)
        # One range holds for all coordinates: the smallest dimension's.
        high = min(shape[: picked[-1]]) - 1
        data = rng.integers(0, high, picked, np.int32, endpoint=True) if constant else None
        index = Tensor("positions", picked, "int32", None, data)
        result = (*picked[:-1], *shape[picked[-1] :])
        target = Tensor("output", result, dtype, source.quantization)
        ranges = {"positions": (0, high)}
        yield Case(f"gather_nd_{dtype}_{i}", "GATHER_ND", (source, index), target, {}, ranges=ranges)


operator = Operator(("GATHER_ND",), infer, calls, read, cases=cases)
