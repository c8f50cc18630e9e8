# SPDX-License-Identifier: Apache-2.0
"""Takes what a step of an energy is worth, gives its logarithm in int16: firmware/kernels/logarithm.h."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tinyedge.arithmetic import logarithm
from tinyedge.blocks import Reals
from tinyedge.ops import Constant

Unit = Literal["natural", "decibel"]
FRACTION = 30
"""TE_LEVEL_FRACTION."""
FINEST = 12
"""Most fraction bits of a level."""
LARGEST = 63
"""Bits of an energy."""


@dataclass(frozen=True)
class Level:
    """unit * log2(max(energy, floor)) in steps of 2^-bits; `scale` is the worth of an energy's step."""

    unit: Unit
    scale: float
    floor: float

    @property
    def doubling(self) -> float:
        """How much a doubling of energy adds: ln 2, or 10 log10 2."""
        return math.log(2) if self.unit == "natural" else 10 * math.log10(2)

    @property
    def least(self) -> int:
        """The floor in steps: at least one."""
        return max(1, round(min(self.floor / self.scale, 2.0**62)))

    @property
    def step(self) -> float:
        """The finest step with which every energy's level fits an int16."""
        ends = (math.log2(self.least * self.scale), LARGEST + math.log2(self.scale))
        widest = max(abs(self.doubling * end) for end in ends)
        return 2.0 ** -min(FINEST, math.floor(math.log2(32767 / widest)))

    def params(self) -> tuple[int, int, int]:
        """The fields of te_level, in their order."""
        one = self.doubling * math.log2(self.scale) / self.step + 0.5
        return (
            self.least,
            round(one * 2.0**FRACTION),
            round(self.doubling / self.step * 2.0 ** (FRACTION - 16)),
        )

    def reference(self, energies: Reals) -> Reals:
        """By numpy."""
        return np.asarray(self.doubling * np.log2(np.maximum(energies, self.least * self.scale)))


def constant() -> Constant:
    """The table as an argument of a kernel."""
    return Constant("logarithm", logarithm.table())
