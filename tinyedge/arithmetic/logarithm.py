# SPDX-License-Identifier: Apache-2.0
"""The tables of firmware/kernels/logarithm.h, frontend.h and mixture.h."""

from __future__ import annotations

import numpy as np

from tinyedge.graph import Array

SEGMENTS = 128


def table() -> Array:
    """uint16 [129]: what log2(1 + x) is above x, with 16 fraction bits."""
    x = np.arange(SEGMENTS + 1) / SEGMENTS
    return np.rint((np.log2(1 + x) - x) * (1 << 16)).astype(np.uint16)


def powers() -> Array:
    """uint32 [129]: 2^-x from 1 to 1/2, with 31 fraction bits, for firmware/kernels/mixture.h."""
    return np.rint(2.0 ** (31 - np.arange(SEGMENTS + 1) / SEGMENTS)).astype(np.uint32)
