# SPDX-License-Identifier: Apache-2.0
"""RESHAPE: a view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, view


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 2)
    source, shape = inputs[0], inputs[1] if len(inputs) > 1 else None
    assert source is not None
    if shape is not None and shape.dtype == "int32" and len(shape.shape) == 1:
        wanted = view.constant_vector(shape, "shape")
    else:
        given = options.get("newShape")
        wanted = () if given is None else tuple(int(n) for n in given)
        # Old files write a scalar's shape as [0].
        wanted = () if wanted == (0,) else wanted
    return view.attributes(view.resolve(wanted, source.size))


def cases() -> Iterator[Case]:
    shapes = [((1, 4, 6, 2), (3, -1), (3, 16)), ((5,), (1, 5, 1), (1, 5, 1)), ((1, 1), (), ())]
    for i, (before, wanted, after) in enumerate(shapes):
        for dtype in ("int8", "int16"):
            rng = np.random.default_rng(i)
            source = case.activation(rng, "input", before, dtype)
            target = Tensor("output", after, dtype, source.quantization)
            shape = Tensor("shape", (len(wanted),), "int32", None, np.array(wanted, np.int32))
            if wanted:
                yield Case(f"reshape_{dtype}_{i}", "RESHAPE", (source, shape), target, {})
            yield Case(
                f"reshape_option_{dtype}_{i}",
                "RESHAPE",
                (source,),
                target,
                {"newShape": list(wanted or (0,))},
            )


operator = Operator(("RESHAPE",), view.infer, None, read, cases=cases, channels=view.CHANNELS)
