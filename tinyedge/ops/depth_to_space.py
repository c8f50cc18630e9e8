# SPDX-License-Identifier: Apache-2.0
"""DEPTH_TO_SPACE: channels become blocks of pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    (batches, height, width, channels), block = read_block(options, inputs)
    depth = channels // (block * block)
    if depth * block * block != channels or depth == 0:
        raise Unsupported(f"{channels} channels are not blocks of {block}", "convert the model again")
    row = width * channels
    # Output dimensions: batch, row, row in the block, column, column in the block, channel.
    counts = (batches, height, block, width, block, depth)
    steps = (height * row, row, block * depth, channels, depth, 1)
    shape = (batches, height * block, width * block, depth)
    return strided.attributes((shape, strided.Copy(0, counts, steps)))


def read_block(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> tuple[tuple[int, ...], int]:
    """Shape of the input, which must have four dimensions, and the size of a block."""
    check.count_inputs(inputs, 1, 1)
    (source,) = inputs
    assert source is not None
    block = int(options["blockSize"])
    if len(source.shape) != 4 or block < 1:
        raise Unsupported(f"blocks of {block} in shape {source.shape}", "convert the model again")
    return source.shape, block


def cases() -> Iterator[Case]:
    shapes: list[tuple[tuple[int, ...], int, tuple[int, ...]]] = [
        ((1, 3, 2, 12), 2, (1, 6, 4, 3)),
        ((2, 2, 3, 9), 3, (2, 6, 9, 1)),
    ]
    for i, (shape, block, result), dtype in case.typed(shapes, "int64", "int32"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        target = Tensor("output", result, dtype, source.quantization)
        yield Case(f"depth_to_space_{dtype}_{i}", "DEPTH_TO_SPACE", (source,), target, {"blockSize": block})


operator = Operator(
    ("DEPTH_TO_SPACE",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases
)
