# SPDX-License-Identifier: Apache-2.0
"""SPLIT_V: parts of stated sizes along a dimension, a copy for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 3, 3)
    source, stated, dimension = inputs
    assert source is not None and stated is not None and dimension is not None
    axis = view.resolve_axis(dimension, source.shape)
    size, wanted = source.shape[axis], view.constant_vector(stated, "sizes")
    left = size - sum(n for n in wanted if n != -1)
    sizes = tuple(left if n == -1 else n for n in wanted)
    if wanted.count(-1) > 1 or any(n < 1 for n in sizes) or sum(sizes) != size:
        raise Unsupported(f"{size} elements do not make parts of {wanted}", "convert the model again")
    return strided.parts(source.shape, axis, sizes)


def cases() -> Iterator[Case]:
    shapes: list[tuple[tuple[int, ...], int, tuple[int, ...], tuple[int, ...]]] = [
        ((1, 4, 6), 2, (1, 3, 2), (1, 3, 2)),
        ((7, 3), 0, (2, -1), (2, 5)),
        ((2, 5, 3, 2), -3, (4, 1), (4, 1)),
    ]
    for i, (shape, axis, stated, sizes), dtype in case.typed(shapes, "int16", "int32"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        outputs = [
            replace(
                source,
                name=f"output{j}",
                shape=tuple(size if d == axis % len(shape) else n for d, n in enumerate(shape)),
            )
            for j, size in enumerate(sizes)
        ]
        dimension = Tensor("axis", (), "int32", None, np.array(axis, np.int32))
        inputs = (source, case.indices("sizes", *stated), dimension)
        options = {"numSplits": len(sizes)}
        yield Case(f"split_v_{dtype}_{i}", "SPLIT_V", inputs, outputs[0], options, tuple(outputs[1:]))


operator = Operator(("SPLIT_V",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases)
