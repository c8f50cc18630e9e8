# SPDX-License-Identifier: Apache-2.0
"""Takes what layers compute and how fast a core is, gives how long their run may take, in seconds.

A limit is for a device that has gone silent, not for one that is slow, so it is generous. The slowest kernels
of ours take 11 instructions for a multiply-accumulate and 150 for an element of an output (softmax of int16);
`PER_MAC` and `PER_BYTE` are about three times that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from tinyedge.build import Layer

PER_MAC = 32
"""Instructions."""
PER_BYTE = 500
"""Instructions for a byte of a layer's outputs."""
AT_LEAST = 5.0
"""Seconds for everything else: the line, the host."""
AT_LEAST_EMULATED = 20.0
"""The same where an emulator shares a busy machine, and starts to translate."""
EMULATED = 1e6
"""Instructions a second of an emulator on a busy machine, where that does not say fewer (link.Simulated)."""
CYCLES = 4
"""Cycles of a chip for an instruction, with its memory as slow as flash behind an SPI line."""
UNKNOWN = 120.0
"""Seconds for a model of which no build tells what it computes."""


@dataclass(frozen=True)
class Patience:
    """Limits for a model: work[i] are the instructions of layer i at most, None where nobody knows.

    `rate`: instructions a second that the core does at least; `least`: seconds for everything else.
    """

    work: tuple[int, ...] | None = None
    rate: float = EMULATED
    least: float = AT_LEAST_EMULATED

    @classmethod
    def with_layers(
        cls, layers: Sequence[Layer], clock_hz: int | None = None, emulated: float = EMULATED
    ) -> Self:
        """For the layers of a build, on a chip of that clock; without one, in an emulator of that rate."""
        work = (PER_MAC * one.macs + PER_BYTE * sum(slot.bytes for slot in one.outputs) for one in layers)
        if clock_hz is None:
            return cls(tuple(work), emulated)
        return cls(tuple(work), clock_hz / CYCLES, AT_LEAST)

    def of(self, first: int, last: int) -> float:
        """Seconds that layers first .. last - 1 may take."""
        return UNKNOWN if self.work is None else self._seconds(sum(self.work[first:last]))

    def touching(self, memory: int) -> float:
        """Seconds that a test of so many bytes of memory may take."""
        return self._seconds(PER_BYTE * memory)

    def _seconds(self, instructions: float) -> float:
        return self.least + instructions / self.rate
