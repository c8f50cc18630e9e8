# SPDX-License-Identifier: Apache-2.0
"""SPLIT: equal parts along a dimension, a copy for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    stated, source = inputs
    assert stated is not None and source is not None
    axis = view.resolve_axis(stated, source.shape)
    parts, size = int(options["numSplits"]), source.shape[axis]
    if parts < 1 or size % parts:
        raise Unsupported(f"{size} elements do not make {parts} equal parts", "convert the model again")
    return strided.parts(source.shape, axis, (size // parts,) * parts, source=1)


def cases() -> Iterator[Case]:
    shapes: list[tuple[tuple[int, ...], int, int]] = [((1, 4, 6), 2, 3), ((4, 3), 0, 4), ((2, 9, 5), -2, 1)]
    for i, (shape, axis, parts), dtype in case.typed(shapes, "int16", "int32"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        part = tuple(n // parts if d == axis % len(shape) else n for d, n in enumerate(shape))
        first, *more = (replace(source, name=f"output{j}", shape=part) for j in range(parts))
        dimension = Tensor("axis", (), "int32", None, np.array(axis, np.int32))
        inputs = (dimension, source)
        yield Case(f"split_{dtype}_{i}", "SPLIT", inputs, first, {"numSplits": parts}, tuple(more))


operator = Operator(("SPLIT",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases)
