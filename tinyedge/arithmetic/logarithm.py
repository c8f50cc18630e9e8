# SPDX-License-Identifier: Apache-2.0
"""The table of firmware/kernels/logarithm.h and frontend.h."""

from __future__ import annotations

import numpy as np

from tinyedge.graph import Array

SEGMENTS = 128


def table() -> Array:
    """uint16 [129]: what log2(1 + x) is above x, with 16 fraction bits."""
    x = np.arange(SEGMENTS + 1) / SEGMENTS
    return np.rint((np.log2(1 + x) - x) * (1 << 16)).astype(np.uint16)
