# SPDX-License-Identifier: Apache-2.0
"""TRANSPOSE: int8 and int16, dimensions in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "order": the input's dimension of every output dimension."""
    check.count_inputs(inputs, 2, 2)
    source, order = inputs
    assert source is not None and order is not None
    rank = len(source.shape)
    axes = view.constant_vector(order, "order")
    if any(not -rank <= axis < rank for axis in axes) or sorted(axis % rank for axis in axes) != list(
        range(rank)
    ):
        raise Unsupported(f"order {axes} of {rank} dimensions", "convert the model again")
    return {"order": tuple(axis % rank for axis in axes)}


def counts_and_steps(graph: Graph, op: Op) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Sizes of the output's dimensions and how far apart their neighbours are in the input."""
    shape = graph.input(op, 0).shape
    pitches = strided.pitches(shape)
    return tuple(shape[axis] for axis in op.attrs["order"]), tuple(
        pitches[axis] for axis in op.attrs["order"]
    )


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    counts, steps = counts_and_steps(graph, op)
    strided.check_dimensions(graph, op, counts, steps)
    return (counts,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    return (strided.call(graph, op, 0, *counts_and_steps(graph, op)),)


def cases() -> Iterator[Case]:
    orders = [
        ((1, 4, 5, 3), (0, 3, 1, 2)),
        ((3, 4, 2), (2, 1, 0)),
        ((2, 3, 2, 3, 2), (4, 2, 0, 3, 1)),
        ((4, 6), (0, 1)),
    ]
    for i, (shape, order) in enumerate(orders):
        for dtype in ("int8", "int16"):
            source = case.activation(np.random.default_rng(i), "input", shape, dtype)
            axes = Tensor("order", (len(order),), "int32", None, np.array(order, np.int32))
            target = Tensor("output", tuple(shape[axis] for axis in order), dtype, source.quantization)
            yield Case(f"transpose_{dtype}_{i}", "TRANSPOSE", (source, axes), target, {})


operator = Operator(("TRANSPOSE",), infer, calls, read, cases=cases)
