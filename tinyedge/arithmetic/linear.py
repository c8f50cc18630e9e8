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


@dataclass(frozen=True)
class Linear:
    """clamp((a * a_factor + b * b_factor + offset) >> shift), in 32 bits without overflow."""

    a_factor: int
    b_factor: int
    offset: int
    shift: int


def fit(table: Ints, a_real: float, b_real: float, low: int, high: int) -> Linear | None:
    """The formula for table[a + 128, b + 128], clamped to [low, high], of slopes near `a_real`, `b_real`."""
    widest = 31 - math.frexp(128 * (abs(a_real) + abs(b_real)))[1]
    for shift in range(min(widest, 30), max(widest - 4, 0), -1):
        found = _fit(table, a_real, b_real, low, high, shift)
        if found is not None:
            return found
    return None


def _fit(table: Ints, a_real: float, b_real: float, low: int, high: int, shift: int) -> Linear | None:
    a_near, b_near = (round(math.ldexp(real, shift)) for real in (a_real, b_real))
    steps = range(-NEIGHBOURS, NEIGHBOURS + 1)
    # The offset must lift every value to its floor and none to its ceiling; clamped values have one of them.
    floor, ceiling = table << shift, (table + 1) << shift
    for a_step, b_step in sorted(itertools.product(steps, steps), key=lambda s: abs(s[0]) + abs(s[1])):
        a_factor, b_factor = a_near + a_step, b_near + b_step
        product = BYTES[:, None] * a_factor + BYTES * b_factor
        least = (floor - product)[table > low].max(initial=-(2**40))
        limit = (ceiling - product)[table < high].min(initial=2**40)
        offset = int(least + limit) >> 1
        fits = max(np.abs(product).max(), np.abs(product + offset).max()) < 2**31
        if least < limit and fits:
            return Linear(a_factor, b_factor, offset, shift)
    return None
