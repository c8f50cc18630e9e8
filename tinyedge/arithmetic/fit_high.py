# SPDX-License-Identifier: Apache-2.0
"""Takes a requantisation, gives constants with which one high multiplication has the same outputs, if any.

As fit32.py, for cores without vectors: both sides of every threshold are tried.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fit32 import Exact, Range, Reals, thresholds
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Array

TRIES = 8
"""Neighbours of the nearest multiplier, and smaller left shifts, that are tried."""
RIGHT = 22
"""With this shift, the zero point and an output added cannot exceed 32 bits."""


@dataclass(frozen=True)
class High:
    """Constants of te_requantize_fitted: multipliers [channels], 0 to 2^31 - 1; shifts for all channels."""

    multipliers: Ints
    left: int
    right: int


def apply(sums: Ints, multipliers: Ints, left: int, right: int, zero_point: int) -> Ints:
    """What te_requantize_fitted makes of sums [channels, n]."""
    high = ((sums << left) * multipliers[:, None]) >> 32
    scaled: Ints = (high + (zero_point << right) + ((1 << right) >> 1)) >> right
    return scaled


def of_layer(params: Mapping[str, Any], arrays: Mapping[str, Array], rows: Array) -> High | None:
    """Constants for a layer with the arrays of te_requantize (of te_requantize_once where `once`) and `rows`.

    Rows are [channels, weights of a sum]; `arrays` has "bias", "multiplier" and "shift".
    """
    multipliers, shifts = (arrays[role].astype(np.int64) for role in ("multiplier", "shift"))
    reaches = fixedpoint.reach(rows, arrays["bias"], -128, 127)
    if len(multipliers) == 1:
        reaches = reaches.max(keepdims=True)
    once = bool(params.get("once", 0))

    def exact(values: Ints, channels: Ints) -> Ints:
        m, s = multipliers[channels], shifts[channels]
        if once:
            return (values * m + (np.int64(1) << (s - 1)) - (values < 0)) >> s
        return fixedpoint.multiply_twice_rounded(values, m, s)

    reals = multipliers * 2.0 ** (-shifts if once else shifts - 31)
    zero_point = int(params["out_zero_point"])
    return fit(exact, reals, reaches, zero_point, int(params["out_min"]), int(params["out_max"]))


def fit(exact: Exact, reals: Reals, reaches: Ints, zero_point: int, low: int, high: int) -> High | None:
    """Constants such that clamp(exact(sum) + zero_point, low, high) comes out for every |sum| <= its reach.

    `reals` [channels] is about what `exact` multiplies by; `reaches` [channels].
    """
    steps = np.arange(low + 1, high + 1, dtype=np.int64)
    first = thresholds(exact, steps - zero_point, reals, Range(-reaches, reaches))
    exponent = max(math.frexp(float(real))[1] for real in reals)
    most = 31 - int(reaches.max()).bit_length()
    for left in (0, *range(most, max(most - TRIES, 0), -1)):
        right = min(left - exponent - 1, RIGHT)
        multipliers = _multipliers(first, steps, reals, reaches, zero_point, left, right)
        if multipliers is not None:
            return High(multipliers, left, right)
    return None


def _multipliers(
    first: Ints, steps: Ints, reals: Reals, reaches: Ints, zero_point: int, left: int, right: int
) -> Ints | None:
    guess = np.rint(np.ldexp(reals, 32 + right - left))
    if right < 0 or left < 0 or guess.max() + TRIES >= 2**31:
        return None
    found = np.full(len(reals), -1, np.int64)
    for offset in sorted(range(-TRIES, TRIES + 1), key=abs):
        tried = np.maximum(guess.astype(np.int64) + offset, 0)
        # A threshold that no sum meets is none.
        after = (apply(first, tried, left, right, zero_point) >= steps) | (first > reaches[:, None])
        before = (apply(first - 1, tried, left, right, zero_point) < steps) | (first <= -reaches[:, None])
        good = np.all(after & before, axis=1)
        found = np.where((found < 0) & good, tried, found)
        if np.all(found >= 0):
            return found
    return None
