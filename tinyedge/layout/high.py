# SPDX-License-Identifier: Apache-2.0
"""Takes the constants of te_requantize, gives those of te_requantize_high: the same in fewer steps."""

from __future__ import annotations

import numpy as np

from tinyedge.ops import Array

SUMS = 2**29
"""Sums stay below this."""
SHIFTS = range(-21, 0)
"""Shifts of te_requantize that there is a shorter form of."""


def twice_rounded(
    multiplier: Array, shift: Array, zero_point: int, reaches: Array
) -> tuple[Array, Array] | None:
    """Constants int32 [channels, 2] and shifts int8 [channels]; None where sums or shifts are too large.

    `reaches` [channels] bounds |sum|.
    """
    # A channel whose outputs are all 0 before the zero point, as pruned ones have, may have any shift.
    silent = reaches * multiplier.astype(np.float64) * 2.0 ** (shift.astype(np.float64) - 31) < 0.25
    multiplier, shift = np.where(silent, 0, multiplier), np.where(silent, -1, shift)
    if reaches.max() >= SUMS or shift.min() < SHIFTS[0] or shift.max() > SHIFTS[-1]:
        return None
    right = -shift.astype(np.int64)
    added = 2 * ((np.int64(1) << (right - 1)) + (np.int64(zero_point) << right)) + 1
    constants = np.stack([multiplier.astype(np.int64), added], axis=1)
    return constants.astype(np.int32), (right + 1).astype(np.int8)
