# SPDX-License-Identifier: Apache-2.0
"""Takes a requantisation, gives the words that firmware/kernels/pie/dot.h reads of every channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyedge.arithmetic import fit32, high
from tinyedge.arithmetic.fit32 import Range
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.arithmetic.requantization import Requantization
from tinyedge.graph import Array
from tinyedge.plan.layout import header

RIGHT = range(1, 23)
"""Shifts after it: what is added does not exceed 32 bits then."""

LEFT = 2
"""How much sums are shifted to the left for the short form."""
SHIFT = header.number("pie/output.h", "TE_PIE_SHIFT")


@dataclass(frozen=True)
class Words:
    """Multipliers and what is added, int32 [channels, 2], and shifts [channels], for te_pie_scaled.

    One of each where all channels share them.
    """

    left: int
    scales: Array
    shifts: Ints


def of_layer(scaling: Requantization, rows: Array, bias: Array) -> Words:
    """The words for sums of rows [channels, weights] and bias [channels]."""
    return of_sums(scaling, fit32.range_of(rows, bias, scaling.together))


def of_sums(scaling: Requantization, sums: Range) -> Words:
    """The words for such sums: the short form if there is one."""
    short = _once(scaling, sums) if scaling.once else _twice(scaling, sums)
    if short is not None:
        return short
    shifts = scaling.shifts if scaling.once else scaling.shifts + SHIFT
    return Words(0, _scales(scaling.multipliers, np.zeros_like(shifts)), shifts)


def fits(most: int, shift: int) -> bool:
    """Whether te_pie_requantize does it: such a shift of te_requantize, of sums up to `most`."""
    return shift >= 0 or (shift >= high.SHIFTS[0] and most < high.SUMS)


def _scales(multipliers: Ints, added: Ints) -> Array:
    scales: Array = np.stack([multipliers, added], axis=1).astype(np.int32)
    return scales


def _twice(scaling: Requantization, sums: Range) -> Words | None:
    limits = (scaling.low, scaling.high)
    found = high.twice_rounded(
        scaling.multipliers, scaling.shifts, scaling.zero_point, sums.low, sums.high, limits
    )
    return None if found is None else Words(LEFT, found[0], found[1].astype(np.int64))


def _once(scaling: Requantization, sums: Range) -> Words | None:
    """(floor(sum * multiplier / 2^30) + added) shifted: as te_requantize_once, where there are no ties."""
    reach = np.maximum(-sums.low, sums.high)
    multipliers, right = scaling.multipliers, scaling.shifts - 30
    if not np.all((right >= RIGHT[0]) & (right <= RIGHT[-1]) & (reach < high.SUMS)):
        return None
    # A tie is an odd multiple of 2^(shift - 1).
    power = multipliers & -multipliers
    ties = (multipliers != 0) & (reach * power >= np.int64(1) << (scaling.shifts - 1))
    if np.any(ties & (sums.low < 0)):
        return None
    added = (np.int64(1) << (right - 1)) + (np.int64(scaling.zero_point) << right)
    return Words(LEFT, _scales(multipliers, added), right)
