# SPDX-License-Identifier: Apache-2.0
"""BROADCAST_TO: dimensions of one element repeated to a constant shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, wanted = inputs
    assert source is not None and wanted is not None
    shape = view.constant_vector(wanted, "shape")
    padded = (1,) * (len(shape) - len(source.shape)) + source.shape
    if len(padded) != len(shape) or any(m not in (1, n) or n < 1 for m, n in zip(padded, shape, strict=True)):
        raise Unsupported(f"shape {source.shape} does not broadcast to {shape}", "convert the model again")
    pitches = strided.pitches(padded)
    steps = tuple(0 if m == 1 else pitch for m, pitch in zip(padded, pitches, strict=True))
    return strided.attributes((shape, strided.Copy(0, shape, steps)))


def cases() -> Iterator[Case]:
    shapes: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        ((1, 3), (4, 3)),
        ((2, 1, 3, 1), (2, 4, 3, 5)),
        ((1,), (2, 3)),
        ((2, 3), (2, 3)),
    ]
    for i, (shape, result), dtype in case.typed(shapes, "int32", "int16"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        target = Tensor("output", result, dtype, source.quantization)
        inputs = (source, case.indices("shape", *result))
        yield Case(f"broadcast_to_{dtype}_{i}", "BROADCAST_TO", inputs, target, {})


operator = Operator(
    ("BROADCAST_TO",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases
)
