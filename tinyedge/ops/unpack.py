# SPDX-License-Identifier: Apache-2.0
"""UNPACK: every index of a dimension as a tensor without it, a copy for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 1)
    (source,) = inputs
    assert source is not None
    (axis,) = view.resolve_axes((int(options["axis"]),), source.shape)
    size = source.shape[axis]
    if int(options["num"]) != size:
        raise Unsupported(f"it takes {options['num']} of {size} indices", "convert the model again")
    return strided.parts(source.shape, axis, (1,) * size, dropped=True)


def cases() -> Iterator[Case]:
    shapes: list[tuple[tuple[int, ...], int]] = [((3, 5), 0), ((2, 4, 3), 1), ((1, 2, 3, 2), -1)]
    for i, (shape, axis), dtype in case.typed(shapes, "int16", "int32", "bool"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        left = list(shape)
        count = left.pop(axis)
        first, *more = (replace(source, name=f"output{j}", shape=tuple(left)) for j in range(count))
        options = {"num": count, "axis": axis}
        yield Case(f"unpack_{dtype}_{i}", "UNPACK", (source,), first, options, tuple(more))


operator = Operator(("UNPACK",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases)
