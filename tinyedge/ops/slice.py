# SPDX-License-Identifier: Apache-2.0
"""SLICE: constant begin and size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 3, 3)
    source, begin, size = inputs
    assert source is not None and begin is not None and size is not None
    first, wanted = view.constant_vector(begin, "begin"), view.constant_vector(size, "size")
    rank = len(source.shape)
    if len(first) != rank or len(wanted) != rank:
        raise Unsupported(f"{len(first)} bounds for {rank} dimensions", "convert the model again")
    # A size of -1 takes all that is left.
    counts = tuple(
        n - at if count == -1 else count for n, at, count in zip(source.shape, first, wanted, strict=True)
    )
    if any(at < 0 or n < 1 or at + n > most for at, n, most in zip(first, counts, source.shape, strict=True)):
        raise Unsupported(
            f"begin {first} and size {wanted} of shape {source.shape}", "convert the model again"
        )
    pitches = strided.pitches(source.shape)
    start = sum(at * pitch for at, pitch in zip(first, pitches, strict=True))
    return strided.attributes((counts, strided.Copy(start, counts, pitches)))


def cases() -> Iterator[Case]:
    slices: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = [
        ((2, 7, 5, 3), (1, 2, 0, 1), (1, 4, -1, 2), (1, 4, 5, 2)),
        ((9,), (3,), (6,), (6,)),
        ((4, 6), (0, 5), (-1, 1), (4, 1)),
    ]
    for i, (shape, begin, size, result), dtype in case.typed(slices, "bool", "int16", "int64"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        target = Tensor("output", result, dtype, source.quantization)
        bounds = (case.indices("begin", *begin), case.indices("size", *size))
        yield Case(f"slice_{dtype}_{i}", "SLICE", (source, *bounds), target, {})


operator = Operator(("SLICE",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases)
