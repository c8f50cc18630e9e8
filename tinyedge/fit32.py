# SPDX-License-Identifier: Apache-2.0
"""Takes a requantisation, gives constants with which 32-bit vector arithmetic has the same outputs, if any.

Any requantisation of a sum to int8 rises with the sum, so it is 255 thresholds; the cheap formula rises, too.
They are equal everywhere when they are equal on both sides of every threshold, and that is what is tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tinyedge.fixedpoint import Ints

LIMIT = 2**31
TRIES = 8
"""Neighbours of the nearest multiplier, and smaller left shifts, that are tried."""


@dataclass(frozen=True)
class Short:
    """out = clamp(sat(sat(sum << left) * multiplier / 2^31 + zero_point * 2^right) / 2^right), ties up.

    Multipliers [channels], 0 to 2^31 - 1; shifts for all channels alike. Nothing is rounded to 2^right where
    both shifts are 0.
    """

    multipliers: Ints
    left: int
    right: int


def apply(sums: Ints, multipliers: Ints, left: int, right: int, zero_point: int) -> Ints:
    """What Helium's vqshl, vqrdmlash and vrshl make of sums [channels, n], before the clamp."""
    shifted = np.clip(sums << left, -LIMIT, LIMIT - 1)
    total = shifted * multipliers[:, None] + (np.int64(zero_point) << (right + 31)) + (1 << 30)
    scaled = np.clip(total >> 31, -LIMIT, LIMIT - 1)
    rounded: Ints = (scaled + ((1 << right) >> 1)) >> right
    return rounded


def fit(
    exact: Callable[[Ints], Ints], reals: Ints, reaches: Ints, zero_point: int, low: int, high: int
) -> Short | None:
    """Constants such that clamp(exact(sum) + zero_point, low, high) comes out for every |sum| <= its reach.

    `exact` maps sums [channels, n] and rises with each; `reals` [channels] is about what it multiplies by;
    `reaches` [channels]. The cheapest comes first: no shifts, so that one instruction does it all.
    """
    steps = np.arange(low + 1, high + 1, dtype=np.int64)
    first = thresholds(exact, steps - zero_point, reaches)
    met = (first > -reaches[:, None]) & (first <= reaches[:, None])
    if not met.any():
        return None
    farthest = int(np.abs(first[met]).max())
    # Multipliers are below 2^31, and 256 * 2^right must not saturate.
    exponent = max(math.frexp(float(real))[1] for real in reals[met.any(axis=1)])
    most = 31 - farthest.bit_length()
    for left in (0, *range(most, max(most - TRIES, 0), -1)):
        right = 0 if left == 0 else min(left - exponent, 23)
        multipliers = _multipliers(first, steps, reals, reaches, zero_point, left, right)
        if right >= 0 and multipliers is not None:
            return Short(multipliers, left, right)
    return None


def _multipliers(
    first: Ints, steps: Ints, reals: Ints, reaches: Ints, zero_point: int, left: int, right: int
) -> Ints | None:
    guess = np.rint(np.ldexp(reals, 31 + right - left))
    if right < 0 or guess.max() + TRIES >= LIMIT:
        return None
    found = np.full(len(reals), -1, np.int64)
    for offset in sorted(range(-TRIES, TRIES + 1), key=abs):
        tried = np.maximum(guess.astype(np.int64) + offset, 0)
        after = apply(first, tried, left, right, zero_point) >= steps
        before = apply(first - 1, tried, left, right, zero_point) < steps
        # A threshold that no sum meets is none.
        after |= first > reaches[:, None]
        before |= first - 1 < -reaches[:, None]
        good = np.all(after & before, axis=1)
        found = np.where((found < 0) & good, tried, found)
    return found if np.all(found >= 0) else None


def thresholds(exact: Callable[[Ints], Ints], steps: Ints, reaches: Ints) -> Ints:
    """[channels, steps]: the smallest sum from -reach to reach + 1 at which `exact` reaches the step."""
    shape = (len(reaches), len(steps))
    below = np.broadcast_to(-reaches[:, None] - 1, shape)
    at = np.broadcast_to(reaches[:, None] + 1, shape)
    while np.any(at - below > 1):
        middle = (below + at) >> 1
        reached = exact(middle) >= steps
        below, at = np.where(reached, below, middle), np.where(reached, middle, at)
    return at
