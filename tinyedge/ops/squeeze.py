# SPDX-License-Identifier: Apache-2.0
"""SQUEEZE: a view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 1)
    source = inputs[0]
    assert source is not None
    given, rank = options.get("squeezeDims"), len(source.shape)
    axes = [] if given is None else [int(n) for n in given]
    if any(not -rank <= n < rank or source.shape[n] != 1 for n in axes):
        raise Unsupported(f"dimensions {axes} of shape {source.shape}", "convert the model again")
    dropped = {n % rank for n in axes} if axes else {i for i, n in enumerate(source.shape) if n == 1}
    return view.attributes(tuple(n for i, n in enumerate(source.shape) if i not in dropped))


def cases() -> Iterator[Case]:
    shapes: list[tuple[list[int], tuple[int, ...], str]] = [
        ([], (3, 5), "int8"),
        ([0], (3, 1, 5), "int8"),
        ([-2], (1, 3, 5), "int16"),
    ]
    for i, (axes, shape, dtype) in enumerate(shapes):
        source = case.activation(np.random.default_rng(i), "input", (1, 3, 1, 5), dtype)
        target = Tensor("output", shape, dtype, source.quantization)
        yield Case(f"squeeze_{i}", "SQUEEZE", (source,), target, {"squeezeDims": axes})


operator = Operator(("SQUEEZE",), view.infer, None, read, cases=cases, channels=view.CHANNELS)
