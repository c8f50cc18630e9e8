# SPDX-License-Identifier: Apache-2.0
"""REVERSE_V2: dimensions from their last index to their first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, stated = inputs
    assert source is not None and stated is not None
    axes = view.resolve_axes(view.constant_vector(stated, "axis"), source.shape)
    pitches = strided.pitches(source.shape)
    start = sum((source.shape[axis] - 1) * pitches[axis] for axis in axes)
    steps = tuple(-pitch if axis in axes else pitch for axis, pitch in enumerate(pitches))
    return strided.attributes((source.shape, strided.Copy(start, source.shape, steps)))


def cases() -> Iterator[Case]:
    flips: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        ((2, 5, 3, 4), (1,)),
        ((2, 3, 7), (-1,)),
        ((3, 4, 2), (0, 1)),
    ]
    for i, (shape, axes), dtype in case.typed(flips, "int16", "int64", "int32"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        target = Tensor("output", shape, dtype, source.quantization)
        yield Case(f"reverse_{dtype}_{i}", "REVERSE_V2", (source, case.indices("axis", *axes)), target, {})


operator = Operator(
    ("REVERSE_V2",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases
)
