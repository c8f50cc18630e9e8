# SPDX-License-Identifier: Apache-2.0
"""Takes a device's tick counter at two times of the host, gives its frequency and how far off that may be."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

_TRIES = 5
_LEAST = 0.5  # s between two readings: a line that takes 2 ms there and back then leaves 0.4 %


class Counter(Protocol):
    """The part of device.Device that is used."""

    def ticks(self) -> int:
        """Read the tick counter."""
        ...


@dataclass(frozen=True)
class Reading:
    """The counter stood at `ticks` at host time `at`, give or take `within`; seconds."""

    ticks: int
    at: float
    within: float


@dataclass(frozen=True)
class Frequency:
    """Hz, and the most that the true value may differ, as long as the host's clock is right."""

    hz: float
    uncertainty: float


def read(device: Counter) -> Reading:
    """The best of some readings: the counter was read between asking and hearing, nobody knows when."""
    readings = []
    for _ in range(_TRIES):
        asked = time.monotonic()
        ticks = device.ticks()
        heard = time.monotonic()
        readings.append(Reading(ticks, (asked + heard) / 2, (heard - asked) / 2))
    return min(readings, key=lambda reading: reading.within)


def since(device: Counter, first: Reading) -> Frequency:
    """The frequency from `first` until now; waits until half a second has passed."""
    time.sleep(max(0.0, first.at + _LEAST - time.monotonic()))
    last = read(device)
    seconds = last.at - first.at
    hz = (last.ticks - first.ticks) / seconds
    return Frequency(hz, hz * (first.within + last.within) / seconds)
