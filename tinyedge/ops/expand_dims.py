# SPDX-License-Identifier: Apache-2.0
"""EXPAND_DIMS: a view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, axis = inputs
    assert source is not None and axis is not None
    axes, rank = view.constant_vector(axis, "axis"), len(source.shape)
    if len(axes) != 1 or not -rank - 1 <= axes[0] <= rank:
        raise Unsupported(f"axis {axes} of {rank} dimensions", "convert the model again")
    place = axes[0] % (rank + 1)
    return view.attributes((*source.shape[:place], 1, *source.shape[place:]))


def cases() -> Iterator[Case]:
    shapes: list[tuple[int, tuple[int, ...], str]] = [
        (0, (1, 3, 5), "int8"),
        (-1, (3, 5, 1), "int8"),
        (1, (3, 1, 5), "int16"),
    ]
    for i, (axis, shape, dtype) in enumerate(shapes):
        source = case.activation(np.random.default_rng(i), "input", (3, 5), dtype)
        where = Tensor("axis", (), "int32", None, np.array(axis, np.int32))
        target = Tensor("output", shape, dtype, source.quantization)
        yield Case(f"expand_dims_{i}", "EXPAND_DIMS", (source, where), target, {})


operator = Operator(("EXPAND_DIMS",), view.infer, None, read, cases=cases, channels=view.CHANNELS)
