# SPDX-License-Identifier: Apache-2.0
"""Takes biases of a depthwise convolution, gives them as the ESP32-S3's QACC is loaded."""

from __future__ import annotations

import numpy as np

from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Array
from tinyedge.plan.layout import header

VECTOR, HALF = 16, 20
"""Bytes of a vector register, and of half of QACC."""
LANES = 8
"""Numbers of 16 bits of a vector register."""
WORDS = header.number("pie/depthwise_conv_2d.h", "TE_DEPTHWISE_CONV_2D_PIE_WORDS")


def words(bias: Ints, bits: int) -> Array:
    """Biases [blocks * lanes] as int32 words, lanes of 20 or 40 bits, lower ones first."""
    halves = []
    for lanes in bias.reshape(-1, 8 * HALF // bits).tolist():
        word = sum((lane & (1 << bits) - 1) << bits * i for i, lane in enumerate(lanes))
        halves.append(word.to_bytes(HALF, "little"))
    blocks = [
        low[:VECTOR] + high[:VECTOR] + low[VECTOR:] + high[VECTOR:] + bytes(4 * WORDS - 2 * HALF)
        for low, high in zip(halves[::2], halves[1::2], strict=True)
    ]
    return np.frombuffer(b"".join(blocks), np.dtype("<i4")).astype(np.int32)
