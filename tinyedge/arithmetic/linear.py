# SPDX-License-Identifier: Apache-2.0
"""Takes the table of a nearly linear int8 function of two bytes, gives integers with which it is linear.

All 65,536 pairs are compared, so what is found is exact.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from tinyedge.arithmetic.fixedpoint import Ints

BYTES = np.arange(-128, 128, dtype=np.int64)
NEIGHBOURS = 3
"""Distance from the nearest factors up to which others are tried."""
STEPS = np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
NEVER = 2**40
"""Larger than any sum here: what a value that is clamped needs."""


@dataclass(frozen=True)
class Linear:
    """clamp((a * a_factor + b * b_factor + offset) >> shift), in 32 bits without overflow."""

    a_factor: int
    b_factor: int
    offset: int
    shift: int


def fit(table: Ints, a_real: float, b_real: float, low: int, high: int, bits: int = 31) -> Linear | None:
    """The formula for table[a + 128, b + 128], clamped to [low, high], of slopes near `a_real`, `b_real`.

    Sums without the offset have so many `bits` and a sign at most, nearly.
    """
    widest = bits - math.frexp(128 * (abs(a_real) + abs(b_real)))[1]
    for shift in range(min(widest, 30), max(widest - 4, 0), -1):
        found = _fit(table, a_real, b_real, low, high, shift)
        if found is not None:
            return found
    return None


def _fit(table: Ints, a_real: float, b_real: float, low: int, high: int, shift: int) -> Linear | None:
    a_near, b_near = (round(math.ldexp(real, shift)) for real in (a_real, b_real))
    # The offset must lift every value to its floor and none to its ceiling; clamped values have one of them.
    lacking = (table << shift) - (BYTES[:, None] * a_near + BYTES * b_near)
    least = _most(np.where(table > low, lacking, -NEVER))
    limit = -_most(np.where(table < high, -(1 << shift) - lacking, -NEVER))[::-1, ::-1]
    order = itertools.product(range(STEPS.size), repeat=2)
    for i, j in sorted(order, key=lambda at: abs(at[0] - NEIGHBOURS) + abs(at[1] - NEIGHBOURS)):
        a_factor, b_factor = a_near + int(STEPS[i]), b_near + int(STEPS[j])
        offset = int(least[i, j] + limit[i, j]) >> 1
        corners = [a * a_factor + b * b_factor for a in (-128, 127) for b in (-128, 127)]
        fits = max(max(abs(corner), abs(corner + offset)) for corner in corners) < 2**31
        if least[i, j] < limit[i, j] and fits:
            return Linear(a_factor, b_factor, offset, shift)
    return None


def _most(needs: Ints) -> Ints:
    """The largest of needs[a, b] - a * STEPS[i] - b * STEPS[j], for every [i, j]."""
    rows = needs.max(axis=1)
    # Rows that cannot hold it: steps move a need by so much at most.
    moved = 2 * 128 * NEIGHBOURS
    kept = np.flatnonzero(rows >= rows.max() - 2 * moved)
    by_row = np.stack([(needs[kept] - BYTES * step).max(axis=1) for step in STEPS])
    most: Ints = (by_row - BYTES[kept] * STEPS[:, None, None]).max(axis=2)
    return np.where(most < -NEVER // 2, -NEVER, most)
