# SPDX-License-Identifier: Apache-2.0
"""Takes a requantisation, gives the line through its steps for sums times a power of two.

As in line.py, but what is added to so fine a sum says where the line passes: what is added to the product may
be any number that is at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyedge.arithmetic.fit32 import LIMIT, Bools, Exact, Range, Reals, thresholds
from tinyedge.arithmetic.fixedpoint import Ints

STEPS = np.arange(-127, 128, dtype=np.int64)
TRIES = sorted(range(-40, 41), key=abs)
"""Neighbours of the nearest multiplier."""
ALWAYS = 30
"""The multiplier of a channel that gives always the same is 2 to this."""


@dataclass(frozen=True)
class FineLine:
    """out = clamp((product((fine + moved) * multipliers) + added) >> shift, low, high); all [channels].

    fine is the sum times 2^finer, or 0 where outputs are `constant`. The product is its upper half, rounded
    down; what is multiplied is a word, multipliers are 0 to 2^31 - 1. What is `missing` has no such line.
    """

    multipliers: Ints
    moved: Ints
    added: Ints
    constant: Bools
    missing: Bools
    finer: int
    shift: int

    def outputs(self, sums: Ints) -> Ints:
        """Of sums [channels, n], before the clamp."""
        fine = np.where(self.constant[:, None], 0, sums << self.finer) + self.moved[:, None]
        out: Ints = ((fine * self.multipliers[:, None] >> 32) + self.added[:, None]) >> self.shift
        return out


def fit(
    exact: Exact,
    reals: Reals,
    sums: Range,
    zero_point: int,
    added: Ints,
    finer: int,
    shift: int,
    low: int = -128,
    high: int = 127,
) -> FineLine:
    """The line whose outputs are clamp(exact(sum) + zero_point, low, high) for every sum of its channel.

    `reals` [channels] is about what `exact` multiplies by.
    """
    first = thresholds(exact, STEPS - zero_point, reals, sums)
    within = (low < STEPS) & (high >= STEPS)
    reached, missed = (first <= sums.high[:, None]) & within, (first > sums.low[:, None]) & within
    missing = np.any(reached & missed, axis=1)
    constant: Bools = ~missing
    always = np.clip(exact(sums.low, np.arange(len(reals))) + zero_point, low, high)
    multipliers = np.full(len(reals), 1 << ALWAYS)
    # In the middle of what gives it.
    moved = ((2 * always + 1) << (31 + shift - ALWAYS)) - (added << (32 - ALWAYS))
    missing |= np.abs(moved) >= LIMIT
    guess = np.rint(np.ldexp(np.where(constant, 0, reals), 32 + shift - finer)).astype(np.int64)
    for offset in TRIES:
        rows = np.flatnonzero(missing)
        tried = np.clip(guess[rows] + offset, 1, LIMIT - 1)
        needed = -(((added[rows, None] << 32) - (STEPS << (32 + shift))) // tried[:, None])
        least = np.where(reached[rows], needed - (first[rows] << finer), -(2**62)).max(axis=1)
        most = np.where(missed[rows], needed - 1 - ((first[rows] - 1) << finer), 2**62).min(axis=1)
        by = (least + most) >> 1
        words = (sums.low[rows] << finer) + by >= -LIMIT
        words &= (sums.high[rows] << finer) + by < LIMIT
        found = (least <= most) & words
        multipliers[rows[found]], moved[rows[found]] = tried[found], by[found]
        missing[rows[found]] = False
    return FineLine(multipliers, moved, added, constant, missing, finer, shift)
