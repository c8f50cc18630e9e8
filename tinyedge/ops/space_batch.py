# SPDX-License-Identifier: Apache-2.0
"""What SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND share: pixels dealt to batches by their place in a block."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Tensor
from tinyedge.ops import Case, case, check, view


@dataclass(frozen=True)
class Blocks:
    """Sizes along the dimensions after the batch, and elements around the image before and after them."""

    sizes: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def count(self) -> int:
        """Pixels of a block: batches that one image becomes."""
        return math.prod(self.sizes)


def read(inputs: tuple[Tensor | None, ...], what: str) -> Blocks:
    """The blocks that constant inputs 1 and 2 describe; `what` is what the second is called."""
    check.count_inputs(inputs, 3, 3)
    source, shape, border = inputs
    assert source is not None and shape is not None and border is not None
    sizes = view.constant_vector(shape, "block shape")
    if border.data is None or border.dtype not in ("int32", "int64") or border.shape != (len(sizes), 2):
        raise Unsupported(f"its {what} are {border.dtype} {border.shape}", f"make the {what} constant")
    before, after = (tuple(int(n) for n in column) for column in border.data.T)
    good = len(sizes) == len(source.shape) - 2 and len(sizes) in (1, 2)
    if not good or min(sizes) < 1 or min(*before, *after) < 0:
        raise Unsupported(f"blocks {sizes} in shape {source.shape}", "convert the model again")
    return Blocks(sizes, before, after)


def offsets(image: tuple[int, ...], dealt: tuple[int, ...], blocks: Blocks, width: int) -> list[Array]:
    """Where in `dealt` each batch, row and column of `image` lies: bytes to add, elements having `width`."""
    batches = image[0]
    pitch = math.prod(dealt[1:]) * width
    tables = [np.arange(batches) * pitch]
    left = blocks.count
    for axis, (block, before) in enumerate(zip(blocks.sizes, blocks.before, strict=True), start=1):
        left //= block
        place = np.arange(image[axis]) + before
        row = math.prod(dealt[axis + 1 :]) * width
        tables.append(place % block * (left * batches * pitch) + place // block * row)
    return tables


def cases(kind: str, to_batch: bool) -> Iterator[Case]:
    """With and without a border, in one and two dimensions."""
    border = "paddings" if to_batch else "crops"
    images: list[tuple[tuple[int, ...], tuple[int, ...], list[tuple[int, int]], tuple[int, ...]]] = [
        # image, block, border, dealt out
        ((1, 4, 6, 3), (2, 2), [(0, 0), (0, 0)], (4, 2, 3, 3)),
        ((2, 5, 4, 2), (3, 2), [(1, 0), (2, 0)], (12, 2, 3, 2)),
        ((2, 7, 3), (4,), [(0, 1)], (8, 2, 3)),
    ]
    for i, (image, block, pairs, dealt), dtype in case.typed(images, "int32", "int64", "int16"):
        source = case.moved(np.random.default_rng(i), "input", image if to_batch else dealt, dtype)
        target = Tensor("output", dealt if to_batch else image, dtype, source.quantization)
        sizes = Tensor(border, (len(block), 2), "int32", None, np.array(pairs, np.int32))
        inputs = (source, case.indices("block", *block), sizes)
        yield Case(f"{kind.lower()}_{dtype}_{i}", kind, inputs, target, {})
