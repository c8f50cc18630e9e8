# SPDX-License-Identifier: Apache-2.0
"""Takes the constants of te_requantize, gives those of te_requantize_high: the same in fewer steps."""

from __future__ import annotations

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Array

SUMS = 2**29
"""Sums stay below this."""
SHIFTS = range(-21, 0)
"""Shifts of te_requantize that there is a shorter form of."""


def twice_rounded(
    multiplier: Array,
    shift: Array,
    zero_point: int,
    low: Ints,
    high: Ints,
    limits: tuple[int, int] = fixedpoint.LIMITS["int8"],
) -> tuple[Array, Array] | None:
    """Constants int32 [channels, 2] and shifts int8 [channels]; None where sums or shifts are too large.

    The sums of a channel lie in `low` to `high` [channels], and outputs in `limits`.
    """
    ends = (fixedpoint.multiply_twice_rounded(s, multiplier, shift) for s in (low, high))
    lowest, highest = (np.clip(end + zero_point, *limits) for end in ends)
    # A channel that always gives the same, as pruned ones do, often has a large bias and any shift.
    constant = lowest == highest
    small = (np.maximum(-low, high) < SUMS) & (shift >= SHIFTS[0]) & (shift <= SHIFTS[-1])
    if not np.all(small | constant):
        return None
    right = np.where(constant, 1, -shift.astype(np.int64))
    added = 2 * ((np.int64(1) << (right - 1)) + (np.int64(zero_point) << right)) + 1
    added = np.where(constant, lowest << (right + 1), added)
    constants = np.stack([np.where(constant, 0, multiplier), added], axis=1)
    return constants.astype(np.int32), (right + 1).astype(np.int8)
