# SPDX-License-Identifier: Apache-2.0
"""What RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR share: options, size, checks and test cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Case, case, check, require, view, window


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "size" (height, width), "align" (corners) and "half" (pixel centers)."""
    check.count_inputs(inputs, 2, 2)
    source, wanted = inputs
    assert source is not None and wanted is not None
    size = view.constant_vector(wanted, "size")
    if len(source.shape) != 4 or len(size) != 2 or not 1 <= min(size) <= max(size) <= window.MAX_DIMENSION:
        raise Unsupported(f"size {size} for an image of shape {source.shape}", "convert the model again")
    align, half = bool(options.get("alignCorners")), bool(options.get("halfPixelCenters"))
    return {"size": size, "align": align, "half": half}


def infer(graph: Graph, op: Op, dtypes: tuple[str, ...] = ("int8", "int16")) -> tuple[tuple[int, ...], ...]:
    """The resized shape; requires one of these types, as quantised on the way in as on the way out."""
    source, target = graph.input(op, 0), graph.output(op)
    check.activation(graph, op, source, dtypes)
    check.activation(graph, op, target, (source.dtype,))
    check.same_quantization(graph, op, source, target)
    require(source.size > 0, graph, op, f"its input has shape {source.shape}", "convert the model again")
    return ((source.shape[0], *op.attrs["size"], source.shape[3]),)


def cases(kind: str, both: bool) -> Iterator[Case]:
    """Enlarged and shrunk images under every option; `both` where both options may be set."""
    images: list[tuple[tuple[int, ...], tuple[int, int], bool, bool]] = [
        ((1, 4, 5, 3), (8, 10), False, True),
        ((2, 3, 4, 2), (7, 5), False, False),
        ((1, 7, 6, 1), (3, 4), False, True),
        ((1, 3, 5, 2), (5, 9), True, both),
        ((1, 5, 1, 4), (1, 3), True, False),
    ]
    for i, image, dtype in case.typed(images, "int16"):
        yield resized(kind, i, *image, dtype)


def resized(
    kind: str, i: int, shape: tuple[int, ...], size: tuple[int, int], align: bool, half: bool, dtype: str
) -> Case:
    """One of the cases."""
    source = case.activation(np.random.default_rng(i), "input", shape, dtype)
    target = Tensor("output", (shape[0], *size, shape[3]), dtype, source.quantization)
    options = {"alignCorners": align, "halfPixelCenters": half}
    inputs = (source, case.indices("size", *size))
    return Case(f"{kind.lower()}_{dtype}_{i}", kind, inputs, target, options)
