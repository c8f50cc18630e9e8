# SPDX-License-Identifier: Apache-2.0
"""Takes a requantisation, gives constants with which one high multiplication has the same outputs, if any.

As fit32.py, for cores without vectors: both sides of every threshold are tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fit32 import TRIES, Exact, Range, Reals, search, thresholds
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.arithmetic.requantization import Requantization
from tinyedge.graph import Array

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


def of_layer(scaling: Requantization, rows: Array, bias: Array) -> High | None:
    """Constants for a layer that is requantised so far by `scaling`; rows [channels, weights of a sum]."""
    reaches = fixedpoint.reach(rows, bias, -128, 127)
    if scaling.together:
        reaches = reaches.max(keepdims=True)
    return fit(scaling.exact, scaling.reals, reaches, scaling.zero_point, scaling.low, scaling.high)


def fit(exact: Exact, reals: Reals, reaches: Ints, zero_point: int, low: int, high: int) -> High | None:
    """Constants such that clamp(exact(sum) + zero_point, low, high) comes out for every |sum| <= its reach.

    `reals` [channels] is about what `exact` multiplies by; `reaches` [channels].
    """
    steps = np.arange(low + 1, high + 1, dtype=np.int64)
    sums = Range(-reaches, reaches)
    first = thresholds(exact, steps - zero_point, reals, sums)
    exponent = max(math.frexp(float(real))[1] for real in reals)
    most = 31 - int(reaches.max()).bit_length()
    for left in (0, *range(most, max(most - TRIES, 0), -1)):
        right = min(left - exponent - 1, RIGHT)
        multipliers = _multipliers(first, steps, reals, sums, zero_point, left, right)
        if multipliers is not None:
            return High(multipliers, left, right)
    return None


def _multipliers(
    first: Ints, steps: Ints, reals: Reals, sums: Range, zero_point: int, left: int, right: int
) -> Ints | None:
    guess = np.rint(np.ldexp(reals, 32 + right - left))
    if right < 0 or left < 0 or guess.max() + TRIES >= 2**31:
        return None

    def outputs(values: Ints, multipliers: Ints) -> Ints:
        return apply(values, multipliers, left, right, zero_point)

    return search(guess.astype(np.int64), outputs, first, steps, sums)
