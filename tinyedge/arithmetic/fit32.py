# SPDX-License-Identifier: Apache-2.0
"""Takes a requantisation, gives constants with which 32-bit vector arithmetic has the same outputs, if any.

Any requantisation of a sum to int8 rises with the sum, so it is 255 thresholds; the cheap formula rises, too.
They are equal everywhere when they are equal on both sides of every threshold, and that is what is tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints

Reals = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Exact = Callable[[Ints, Ints], Ints]
"""(sums, the channel of each) -> results, which rise with the sums of a channel."""

LIMIT = 2**31
SHIFT_SPAN = 16
"""Shifts to the right that a word can hold: 1 to 16, in its four lowest bits."""
TRIES = 8
"""Neighbours of the nearest multiplier, and smaller left shifts, that are tried."""


@dataclass(frozen=True)
class Range:
    """The smallest and the largest sum of every channel, both [channels]."""

    low: Ints
    high: Ints


def range_of(weights: Ints, bias: Ints, together: bool) -> Range:
    """Sums of weights [channels, taps] and any bytes, with the bias; all channels `together` as one."""
    least, most = weights.astype(np.int64) * -128, weights.astype(np.int64) * 127
    low, high = (bias + pick(least, most).sum(axis=1) for pick in (np.minimum, np.maximum))
    return Range(low.min(keepdims=True), high.max(keepdims=True)) if together else Range(low, high)


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


def fit(exact: Exact, reals: Reals, sums: Range, zero_point: int, low: int, high: int) -> Short | None:
    """Constants such that clamp(exact(sum) + zero_point, low, high) comes out for every sum of its channel.

    `reals` [channels] is about what `exact` multiplies by. The cheapest comes first: no shifts, so that one
    instruction does it all.
    """
    steps = np.arange(low + 1, high + 1, dtype=np.int64)
    first = thresholds(exact, steps - zero_point, reals, sums)
    met = (first > sums.low[:, None]) & (first <= sums.high[:, None])
    if not met.any():
        return None
    farthest = int(np.abs(first[met]).max())
    # Multipliers are below 2^31, and 256 * 2^right must not saturate.
    exponent = max(math.frexp(float(real))[1] for real in reals[met.any(axis=1)])
    most = 31 - farthest.bit_length()
    for left in (0, *range(most, max(most - TRIES, 0), -1)):
        right = 0 if left == 0 else min(left - exponent, 23)
        multipliers = _multipliers(first, steps, reals, sums, zero_point, left, right)
        if right >= 0 and multipliers is not None:
            return Short(multipliers, left, right)
    return None


def fit_words(exact: Exact, reals: Reals, sums: Range, zero_point: int, low: int, high: int) -> Ints | None:
    """As `fit`, one word a channel: its multiplier, with 16 less its right shift in the four lowest bits.

    The words [channels] are multipliers as they are: these bits change them by less than 2^-26.
    """
    steps = np.arange(low + 1, high + 1, dtype=np.int64) - zero_point
    first = thresholds(exact, steps, reals, sums)
    fractions, exponents = np.frexp(reals)
    # A scale of next to nothing is one that no shift can spoil.
    shifts = np.where(reals > 0, np.minimum(-exponents.astype(np.int64), SHIFT_SPAN), SHIFT_SPAN)
    if np.any(shifts < 1):
        return None
    nearest = np.rint(np.ldexp(fractions, 31 + exponents + shifts)).astype(np.int64) // SHIFT_SPAN

    def words(multipliers: Ints) -> Ints:
        return np.minimum(multipliers, LIMIT // SHIFT_SPAN - 1) * SHIFT_SPAN + SHIFT_SPAN - shifts

    found = search(nearest, lambda values, tried: apply_words(values, words(tried)), first, steps, sums)
    return None if found is None else words(found)


def apply_words(sums: Ints, words: Ints) -> Ints:
    """What te_requantize makes of sums [channels, n] when the words are multipliers."""
    return fixedpoint.multiply_twice_rounded(sums, words[:, None], words[:, None] % SHIFT_SPAN - SHIFT_SPAN)


def _multipliers(
    first: Ints, steps: Ints, reals: Reals, sums: Range, zero_point: int, left: int, right: int
) -> Ints | None:
    guess = np.rint(np.ldexp(reals, 31 + right - left))
    if right < 0 or guess.max() + TRIES >= LIMIT:
        return None

    def outputs(values: Ints, multipliers: Ints) -> Ints:
        return apply(values, multipliers, left, right, zero_point)

    return search(guess.astype(np.int64), outputs, first, steps, sums)


def search(
    guess: Ints, outputs: Callable[[Ints, Ints], Ints], first: Ints, steps: Ints, sums: Range
) -> Ints | None:
    """Numbers >= 0 nearest to `guess` [channels] with which outputs(sums, numbers) has all thresholds right.

    `first` [channels, steps] as of `thresholds`, of outputs that reach `steps`; None if a channel has none.
    """
    found = np.zeros(len(guess), np.int64)
    missing = np.ones(len(guess), np.bool_)
    for offset in sorted(range(-TRIES, TRIES + 1), key=abs):
        tried = np.maximum(guess + offset, 0)
        good = _equal(outputs(first, tried), outputs(first - 1, tried), first, steps, sums)
        found = np.where(missing & good, tried, found)
        missing &= ~good
        if not missing.any():
            return found
    return None


def _equal(after: Ints, before: Ints, first: Ints, steps: Ints, sums: Range) -> Bools:
    """[channels]: whether results at and just below every threshold are on its two sides."""
    # A threshold that no sum meets is none.
    met = (after >= steps) | (first > sums.high[:, None])
    missed = (before < steps) | (first <= sums.low[:, None])
    good: Bools = np.all(met & missed, axis=1)
    return good


def thresholds(exact: Exact, steps: Ints, reals: Reals, sums: Range) -> Ints:
    """[channels, steps]: the smallest sum at which `exact` reaches the step, or one beyond the range."""
    shape = (len(reals), len(steps))
    channels = np.broadcast_to(np.arange(shape[0])[:, None], shape)
    lowest, highest = sums.low[:, None] - 1, sums.high[:, None] + 1
    # Mostly a few sums from where a multiplication without rounding puts it; else a search among all sums.
    guess = np.clip((steps - 0.5) / np.maximum(reals, 2.0**-62)[:, None], lowest, highest).astype(np.int64)
    below, at = np.maximum(guess - 3, lowest), np.minimum(guess + 3, highest)
    wrong = (below > lowest) & (exact(below, channels) >= steps)
    wrong |= (at < highest) & (exact(at, channels) < steps)
    below, at = np.where(wrong, lowest, below).ravel(), np.where(wrong, highest, at).ravel()
    targets, channels = np.broadcast_to(steps, shape).ravel(), channels.ravel()
    while (wide := np.flatnonzero(at - below > 1)).size:
        middle = (below[wide] + at[wide]) >> 1
        reached = exact(middle, channels[wide]) >= targets[wide]
        at[wide[reached]] = middle[reached]
        below[wide[~reached]] = middle[~reached]
    return at.reshape(shape)
