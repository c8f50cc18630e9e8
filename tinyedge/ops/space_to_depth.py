# SPDX-License-Identifier: Apache-2.0
"""SPACE_TO_DEPTH: blocks of pixels become channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, strided
from tinyedge.ops.depth_to_space import read_block


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    (batches, height, width, channels), block = read_block(options, inputs)
    if height % block or width % block:
        raise Unsupported(
            f"{height} x {width} pixels do not divide by blocks of {block}", "convert the model again"
        )
    row = width * channels
    # Output dimensions: batch, row, column, row in the block, column in the block, channel.
    counts = (batches, height // block, width // block, block, block, channels)
    steps = (height * row, block * row, block * channels, row, channels, 1)
    shape = (batches, height // block, width // block, channels * block * block)
    return strided.attributes((shape, strided.Copy(0, counts, steps)))


def cases() -> Iterator[Case]:
    shapes: list[tuple[tuple[int, ...], int, tuple[int, ...]]] = [
        ((1, 6, 4, 3), 2, (1, 3, 2, 12)),
        ((2, 6, 9, 1), 3, (2, 2, 3, 9)),
    ]
    for i, (shape, block, result), dtype in case.typed(shapes, "int64", "int32"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        target = Tensor("output", result, dtype, source.quantization)
        yield Case(f"space_to_depth_{dtype}_{i}", "SPACE_TO_DEPTH", (source,), target, {"blockSize": block})


operator = Operator(
    ("SPACE_TO_DEPTH",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases
)
