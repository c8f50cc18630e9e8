# SPDX-License-Identifier: Apache-2.0
"""MATRIX_DIAG and MATRIX_SET_DIAG: matrices with a given diagonal, zero or another tensor beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, case, require, scattered


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    if len(inputs) not in (1, 2) or None in inputs:
        raise Unsupported(f"it has {len(inputs)} inputs", "convert the model again")
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    first = graph.input(op, 0)
    scattered.check_moved(graph, op, *(graph.input(op, i) for i in range(len(op.inputs))))
    require(
        len(op.inputs) == 1 + (op.kind == "matrix_set_diag"),
        graph,
        op,
        "inputs are left out",
        "convert it again",
    )
    if op.kind == "matrix_diag":
        require(len(first.shape) > 0, graph, op, "its input is a single number", "reshape it")
        return ((*first.shape, first.shape[-1]),)
    diagonal = graph.input(op, 1).shape
    wanted = (*first.shape[:-2], min(first.shape[-2:], default=0))
    good = len(first.shape) >= 2 and diagonal == wanted
    require(good, graph, op, f"a diagonal {diagonal} does not fit {first.shape}", "reshape it")
    return (first.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    target = graph.output(op)
    width = ITEM_SIZE[target.dtype]
    places = scattered.diagonal(target.shape, width)
    if op.kind == "matrix_diag":
        first = scattered.filled(target)
    else:
        first = scattered.copied(graph.input(op, 0), target)
    return (first, scattered.placed(graph.input(op, len(op.inputs) - 1), target, places, width))


def cases() -> Iterator[Case]:
    for i, shape, dtype in case.typed([(5,), (2, 3)], "int16", "int64"):
        diagonal = case.moved(np.random.default_rng(i), "input", shape, dtype)
        target = Tensor("output", (*shape, shape[-1]), dtype, diagonal.quantization)
        yield Case(f"matrix_diag_{dtype}_{i}", "MATRIX_DIAG", (diagonal,), target, {})
    for i, shape, dtype in case.typed([(4, 6), (2, 5, 3)], "int32", "int16"):
        whole = case.moved(np.random.default_rng(i), "input", shape, dtype)
        diagonal = Tensor("diagonal", (*shape[:-2], min(shape[-2:])), dtype, whole.quantization)
        target = Tensor("output", shape, dtype, whole.quantization)
        yield Case(f"matrix_set_diag_{dtype}_{i}", "MATRIX_SET_DIAG", (whole, diagonal), target, {})


operator = Operator(("MATRIX_DIAG", "MATRIX_SET_DIAG"), infer, calls, read, cases=cases)
