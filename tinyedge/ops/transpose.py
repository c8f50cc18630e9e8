# SPDX-License-Identifier: Apache-2.0
"""TRANSPOSE: dimensions in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, order = inputs
    assert source is not None and order is not None
    rank = len(source.shape)
    axes = view.constant_vector(order, "order")
    if any(not -rank <= axis < rank for axis in axes) or sorted(axis % rank for axis in axes) != list(
        range(rank)
    ):
        raise Unsupported(f"order {axes} of {rank} dimensions", "convert the model again")
    pitches = strided.pitches(source.shape)
    counts = tuple(source.shape[axis] for axis in axes)
    return strided.attributes((counts, strided.Copy(0, counts, tuple(pitches[axis] for axis in axes))))


def cases() -> Iterator[Case]:
    orders = [
        ((1, 4, 5, 3), (0, 3, 1, 2)),
        ((3, 4, 2), (2, 1, 0)),
        ((2, 3, 2, 3, 2), (4, 2, 0, 3, 1)),
        ((4, 6), (0, 1)),
        ((2, 3, 2, 2, 3, 2), (5, 3, 4, 0, 2, 1)),
    ]
    for i, (shape, order), dtype in case.typed(orders, "int16", "int64", "int32"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        axes = case.indices("order", *order)
        target = Tensor("output", tuple(shape[axis] for axis in order), dtype, source.quantization)
        yield Case(f"transpose_{dtype}_{i}", "TRANSPOSE", (source, axes), target, {})


operator = Operator(
    ("TRANSPOSE",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases
)
