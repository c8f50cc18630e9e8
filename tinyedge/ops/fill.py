# SPDX-License-Identifier: Apache-2.0
"""FILL: one computed number everywhere in a constant shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    wanted, value = inputs
    assert wanted is not None and value is not None
    shape = view.constant_vector(wanted, "shape")
    if value.size != 1 or any(n < 1 for n in shape):
        raise Unsupported(f"it fills shape {shape} with {value.size} numbers", "convert the model again")
    return strided.attributes((shape, strided.Copy(0, shape, (0,) * len(shape))), source=1)


def cases() -> Iterator[Case]:
    for i, shape, dtype in case.typed([(3, 5), (7,)], "int16", "int32"):
        value = case.moved(np.random.default_rng(i), "input", (), dtype)
        target = Tensor("output", shape, dtype, value.quantization)
        yield Case(f"fill_{dtype}_{i}", "FILL", (case.indices("shape", *shape), value), target, {})


operator = Operator(("FILL",), strided.infer, strided.calls, read, cases=cases)
