# SPDX-License-Identifier: Apache-2.0
"""TILE: a tensor repeated along its dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, given = inputs
    assert source is not None and given is not None
    multiples = view.constant_vector(given, "multiples")
    if len(multiples) != len(source.shape) or any(n < 1 for n in multiples):
        raise Unsupported(f"multiples {multiples} of shape {source.shape}", "repeat once at least")
    counts: list[int] = []
    steps: list[int] = []
    for times, size, pitch in zip(multiples, source.shape, strided.pitches(source.shape), strict=True):
        counts += [times, size]
        steps += [0, pitch]
    shape = tuple(times * size for times, size in zip(multiples, source.shape, strict=True))
    return strided.attributes((shape, strided.Copy(0, tuple(counts), tuple(steps))))


def cases() -> Iterator[Case]:
    repeats: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        ((1, 5), (1, 3)),
        ((2, 3, 4), (1, 3, 1)),
        ((2, 1, 3, 2), (2, 3, 2, 2)),
        ((1, 7), (4, 1)),
    ]
    for i, (shape, multiples), dtype in case.typed(repeats, "int32", "int16", "int64", "bool"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        result = tuple(int(n) for n in np.multiply(shape, multiples))
        target = Tensor("output", result, dtype, source.quantization)
        inputs = (source, case.indices("multiples", *multiples))
        yield Case(f"tile_{dtype}_{i}", "TILE", inputs, target, {})


operator = Operator(("TILE",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases)
