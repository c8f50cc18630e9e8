# SPDX-License-Identifier: Apache-2.0
"""Takes a requantisation, gives the line through its steps for sums without a bias: two numbers a channel.

As in line.py; but sums are multiplied by a power of two first, so that products are fine enough for what is
added to them to place the line, and to hold the bias.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinyedge.arithmetic.fit32 import LIMIT, Bools, Exact, Range, Reals, thresholds
from tinyedge.arithmetic.fixedpoint import Ints

STEPS = np.arange(-127, 128, dtype=np.int64)
TRIES = sorted(range(-400, 401), key=abs)
"""Neighbours of the nearest multiplier."""
RIGHT = 23
"""Shift to the right, at most: of 24 bits and more an output would be none of 32."""


@dataclass(frozen=True)
class BareLine:
    """out = clamp((product((sum << left) * multipliers) + added) >> right, low, high); all [channels].

    The sum is without its bias. The product is its upper half, rounded down. Multipliers are 0 to 2^31 - 1;
    that of a channel which gives always the same is 0.
    """

    multipliers: Ints
    added: Ints
    left: int
    right: int

    def outputs(self, sums: Ints) -> Ints:
        """Of sums [channels, n] without their biases, before the clamp."""
        products = (sums << self.left) * self.multipliers[:, None] >> 32
        out: Ints = (products + self.added[:, None]) >> self.right
        return out


def fit(
    exact: Exact,
    reals: Reals,
    sums: Range,
    bias: Ints,
    zero_point: int,
    low: int = -128,
    high: int = 127,
    left: int | None = None,
) -> BareLine | None:
    """The line whose outputs are clamp(exact(sum) + zero_point, low, high) for every sum of its channel.

    `reals` [channels] is about what `exact` multiplies by; `sums` are with their `bias`. None where a channel
    has no such line, as is so where ties are rounded away from zero on both of its sides. `left` is the
    largest that there is room for, if it is not given.
    """
    first = thresholds(exact, STEPS - zero_point, reals, sums)
    within = (low < STEPS) & (high >= STEPS)
    reached, missed = (first <= sums.high[:, None]) & within, (first > sums.low[:, None]) & within
    alive = np.any(reached & missed, axis=1)
    rows = np.flatnonzero(alive)
    ends = np.stack([sums.low, sums.high])[:, rows] - bias[rows]
    room = 31 - int(np.abs(ends).max(initial=1)).bit_length()
    left = room if left is None else left
    if not 0 <= left <= room:
        return None
    finest = left - 1 - math.frexp(float(reals[rows].max(initial=2.0**-RIGHT)))[1]
    always = np.clip(exact(sums.low, np.arange(len(reals))) + zero_point, low, high)
    steps = first[rows] - bias[rows, None], reached[rows], missed[rows]
    # Results before the shift, and parts of them, are words.
    most = float(((np.abs(bias[rows]) + np.abs(ends).max(axis=0)) * reals[rows]).max(initial=0)) + 256
    right = min(finest, RIGHT, 31 - math.frexp(most)[1])
    found = _fit(reals[rows], *steps, ends, left, right) if right > 0 else None
    if found is None:
        return None
    multipliers, added = np.zeros_like(bias), always << right
    multipliers[rows], added[rows] = found
    return BareLine(multipliers, added, left, right)


def _fit(
    reals: Reals, first: Ints, reached: Bools, missed: Bools, ends: Ints, left: int, right: int
) -> tuple[Ints, Ints] | None:
    """Multipliers [channels] and what is added; None where a channel has none.

    `first` sums of steps, some of which are `reached` at all and some `missed` by the least of all sums,
    which are the `ends` [2, channels].
    """
    guess = np.rint(np.ldexp(reals, 32 + right - left)).astype(np.int64)
    multipliers, added = np.zeros_like(guess), np.zeros_like(guess)
    missing = np.ones(len(guess), np.bool_)
    for offset in TRIES:
        rows = np.flatnonzero(missing)
        tried = np.clip(guess[rows] + offset, 1, LIMIT - 1)
        needed = (STEPS << (32 + right)) - (first[rows] << left) * tried[:, None]
        least = np.where(reached[rows], needed, -(2**62)).max(axis=1)
        step = tried << left
        beyond = np.where(missed[rows], needed, 2**62).min(axis=1) + step
        if offset == 0 and np.any(beyond - least < -step // 2):
            return None  # steps on both sides of 0 are apart by more than other multipliers make up for
        by = -(-least >> 32)
        found = (by << 32 < beyond) & (np.abs(by) < LIMIT)
        products = ((ends[:, rows] << left) * tried >> 32) + by
        found &= np.abs(products).max(axis=0) < LIMIT
        multipliers[rows[found]], added[rows[found]] = tried[found], by[found]
        missing[rows[found]] = False
        if not missing.any():
            return multipliers, added
    return None
