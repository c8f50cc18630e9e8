# SPDX-License-Identifier: Apache-2.0
"""Takes the arrays with which a layer is requantised, gives what they make of its sums, for fits to equal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fit32 import Reals
from tinyedge.arithmetic.fixedpoint import Ints


@dataclass(frozen=True)
class Requantization:
    """Multipliers and shifts [channels], or [1] for all of them, and the output's zero point and limits.

    They are those of te_requantize_once if `once`, else of te_requantize (firmware/kernels/kernel.h).
    """

    multipliers: Ints
    shifts: Ints
    once: bool
    zero_point: int
    low: int
    high: int

    @property
    def together(self) -> bool:
        """Whether one pair serves all channels."""
        return len(self.multipliers) == 1

    @property
    def clamps(self) -> bool:
        """Whether the limits are others than those of a byte."""
        return (self.low, self.high) != fixedpoint.LIMITS["int8"]

    def by_channel(self, channels: int) -> Requantization:
        """The same with a pair for each channel."""
        multipliers, shifts = (np.broadcast_to(each, channels) for each in (self.multipliers, self.shifts))
        return replace(self, multipliers=multipliers, shifts=shifts)

    @property
    def reals(self) -> Reals:
        """About what sums are multiplied by."""
        scales: Reals = self.multipliers * 2.0 ** (-self.shifts if self.once else self.shifts - 31)
        return scales

    def exact(self, sums: Ints, channels: Ints) -> Ints:
        """The scaled sums of these channels, before the zero point and the limits."""
        m, s = self.multipliers[channels], self.shifts[channels]
        if self.once:
            return (sums * m + (np.int64(1) << (s - 1)) - (sums < 0)) >> s
        return fixedpoint.multiply_twice_rounded(sums, m, s)
