# SPDX-License-Identifier: Apache-2.0
"""Takes a requantisation, gives the line through its steps: one product and a shift that is the same for all.

As in fit32 it is 255 thresholds, and a line that passes between the sums on both sides of each has the same
outputs. Where it passes must be known to a fraction of a sum, finer than what is added to the upper half of a
product: what is added to the sum before gives the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyedge.arithmetic.fit32 import LIMIT, Bools, Exact, Range, Reals, thresholds
from tinyedge.arithmetic.fixedpoint import Ints

WORD = 2**32
STEPS = np.arange(-127, 128, dtype=np.int64)
TRIES = range(-3, 4)
"""Neighbours of the nearest multiplier that are tried: the widest passage counts."""


@dataclass(frozen=True)
class Line:
    """out = clamp((product((sum + moved) * multipliers) + added) >> shift, low, high); all [channels].

    The product is its upper half, rounded down; of twice as much and to the nearest if `doubled`, as Helium
    has it. Multipliers are 0 to 2^31 - 1.
    """

    multipliers: Ints
    moved: Ints
    added: Ints
    shift: int
    doubled: bool

    def outputs(self, sums: Ints) -> Ints:
        """Of sums [channels, n], before the clamp."""
        product = (sums + self.moved[:, None]) * self.multipliers[:, None]
        upper = (2 * product + WORD // 2 if self.doubled else product) >> 32
        out: Ints = (upper + self.added[:, None]) >> self.shift
        return out


@dataclass(frozen=True)
class Form:
    """What a kernel has room for: its shift, whether products are `doubled`, what sums with what is moved
    stay within, and what is added to products does.
    """

    shift: int
    doubled: bool
    most: int
    added: int = LIMIT // 2


def fit(
    exact: Exact,
    reals: Reals,
    sums: Range,
    zero_point: int,
    form: Form,
    low: int = -128,
    high: int = 127,
    least_moved: int | Ints = 0,
) -> Line | None:
    """The line whose outputs are clamp(exact(sum) + zero_point, low, high) for every sum of its channel.

    `reals` [channels] is about what `exact` multiplies by. None where a channel has no such line, as is so
    where ties are rounded away from zero on both of its sides. What is moved is at least `least_moved`.
    """
    first = thresholds(exact, STEPS - zero_point, reals, sums)
    within = (low < STEPS) & (high >= STEPS)
    reached, missed = (first <= sums.high[:, None]) & within, (first > sums.low[:, None]) & within
    alive = (reached & missed).any(axis=1)
    guess = np.where(alive, np.rint(np.ldexp(reals, 32 + form.shift - form.doubled)), 0)
    if guess.max() + TRIES[-1] >= LIMIT:
        return None
    multipliers, moved, added = _widest(guess.astype(np.int64), first, reached, missed, form)
    start = np.broadcast_to(least_moved, len(reals))
    for channel in np.flatnonzero(alive):
        least, width = int(moved[channel]), int(added[channel])
        step = int(multipliers[channel]) << form.doubled
        least -= WORD // 2 * form.doubled
        begin = (least - int(start[channel]) * step) % WORD
        by = _first(step % WORD, WORD, begin, begin + width - 1) if width > 0 else None
        if by is None:
            return None
        by += int(start[channel])
        if max(by + sums.high[channel], -by - sums.low[channel], by) >= form.most:
            return None
        moved[channel], added[channel] = by, -((by * step - least) // WORD)
    always = np.clip(exact(sums.low[:, None], np.arange(len(reals))[:, None])[:, 0] + zero_point, low, high)
    line = Line(
        np.where(alive, multipliers, 0),
        np.where(alive, moved, 0),
        np.where(alive, added, always << form.shift),
        form.shift,
        form.doubled,
    )
    right = (line.outputs(first) >= STEPS) | ~reached
    right &= (line.outputs(first - 1) < STEPS) | ~missed
    small = np.abs(line.added).max() < form.added
    return line if small and np.all(right) else None


def _widest(guess: Ints, first: Ints, reached: Bools, missed: Bools, form: Form) -> tuple[Ints, Ints, Ints]:
    """Multipliers [channels], the least that may be added to products, and how many from there on.

    Steps that are `reached` at all, and those that are `missed` by the least sum.
    """
    best, least, widest = guess, np.zeros_like(guess), np.full_like(guess, -1)
    for offset in TRIES:
        tried = np.maximum(guess + offset, 1)
        step = tried << form.doubled
        needed = (STEPS << (32 + form.shift)) - first * step[:, None]
        low = np.where(reached, needed, -(2**62)).max(axis=1)
        width = np.where(missed, needed, 2**62).min(axis=1) + step - low
        # Compared as parts of a sum.
        wider = width * best.clip(1).astype(np.float64) > widest * tried.astype(np.float64)
        best, least, widest = (
            np.where(wider, tried, best),
            np.where(wider, low, least),
            np.where(wider, width, widest),
        )
    return best, least, widest


def _first(step: int, size: int, low: int, high: int) -> int | None:
    """The least n >= 0 with n * step modulo `size` from `low` to `high`; that may pass the end of `size`.

    By Euclid's algorithm: with n * step - turns * size in the interval, turns are such an n modulo `step`.
    """
    stack: list[tuple[int, int, int]] = []
    while True:
        if low == 0 or high >= size:
            found = 0
            break
        if step == 0:
            return None
        found = -(-low // step)
        if found * step <= high:
            break
        stack.append((step, size, low))
        step, size, low, high = size % step, step, -high % step, -low % step
    for step, size, low in reversed(stack):
        found = -(-(low + found * size) // step)
    return found
