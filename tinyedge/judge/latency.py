# SPDX-License-Identifier: Apache-2.0
"""Takes the ticks of each inference, gives percentiles in an honest unit, and the deadlines missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tinyedge.board import Ticks
from tinyedge.errors import InvalidMeasurement
from tinyedge.line.clock import Frequency

# Nearest rank: every percentile is a latency that was measured, never one interpolated between two.
METHOD: Final = "inverted_cdf"
COUNTED = ("cycles", "instructions")
_OFF = 0.05  # share of 1: on-chip RC oscillators are off by a few per cent, a wrong divider by far more


@dataclass(frozen=True)
class Latency:
    """Latency of one inference in `unit`: "cycles", "instructions" or "ns".

    clock_hz: of the core, where it is known. clock_hz_measured: the tick counter's by the host's clock, off
    by at most clock_hz_uncertainty; None where it counts no cycles or nobody measured. resolution: what one
    tick stands for; no smaller difference can be seen. jitter: the largest less the smallest.
    """

    unit: str
    clock_hz: int | None
    resolution: float
    method: str
    count: int
    min: float
    p50: float
    p95: float
    p99: float
    max: float
    jitter: float
    clock_hz_measured: float | None = None
    clock_hz_uncertainty: float | None = None

    @property
    def clock_differs(self) -> bool:
        """The measured clock is another than the nominal one, beyond what an oscillator may be off."""
        if self.clock_hz is None or self.clock_hz_measured is None or self.clock_hz_uncertainty is None:
            return False
        return abs(self.clock_hz_measured - self.clock_hz) > self.clock_hz_uncertainty + _OFF * self.clock_hz

    @property
    def timeless(self) -> str:
        """Why these latencies are no time; "" where they are."""
        if self.unit == "instructions":
            return "an emulator counts instructions, which are not time"
        if self.clock_differs:
            return f"the clock is not the board's, but {self.megahertz()}"
        return "" if self.unit == "ns" or self.clock_hz else "the board's clock is not known"

    def limited(self) -> dict[str, float | None]:
        """By the names of [budget]: in the board's own unit, in microseconds, cycles, instructions."""
        values: dict[str, float | None] = {}
        for which in ("p50", "p95", "p99", "max"):
            count: float = getattr(self, which)
            values[f"latency_{which}"] = count
            for unit in COUNTED:
                values[f"latency_{which}_{unit}"] = count if self.unit == unit else None
            hertz = 1e9 if self.unit == "ns" else self.clock_hz
            values[f"latency_{which}_us"] = count * 1e6 / hertz if hertz and not self.timeless else None
        return values

    def megahertz(self) -> str:
        """The measured clock in words."""
        assert self.clock_hz_measured is not None and self.clock_hz_uncertainty is not None
        return f"{self.clock_hz_measured / 1e6:.5g} MHz, at most {self.clock_hz_uncertainty / 1e6:.2g} off"


@dataclass(frozen=True)
class RealTime:
    """Inferences that ended after the next was due; None where that cannot be known, for the `reason`.

    duty_cycle: share of 1 of the time between two frames in which the core computes, mean over all frames.
    """

    period_us: float | None
    deadline_misses: int | None
    reason: str = ""
    duty_cycle: float | None = None


def measure(
    ticks: NDArray[np.uint64], clock: Ticks, clock_hz: int | None, measured: Frequency | None = None
) -> Latency:
    """Percentiles of ticks [N], at least one; InvalidMeasurement when the clock stood still.

    measured: the tick counter's frequency by the host's clock.
    """
    if not ticks.any():
        raise InvalidMeasurement(
            f"the board's clock stood still: {len(ticks)} inferences took 0 ticks at {clock.hz} Hz",
            "check hal_ticks() in the port of this board",
        )
    low, p50, p95, p99, high = (
        float(np.percentile(ticks.astype(np.float64), q, method=METHOD)) * clock.per_tick
        for q in (0, 50, 95, 99, 100)
    )
    return Latency(
        clock.unit,
        clock_hz,
        clock.per_tick,
        METHOD,
        len(ticks),
        low,
        p50,
        p95,
        p99,
        high,
        high - low,
        None if measured is None else measured.hz,
        None if measured is None else measured.uncertainty,
    )


def deadlines(ticks: NDArray[np.uint64], clock: Ticks, period_us: float | None) -> RealTime:
    """Inferences that took longer than the time between two frames."""
    if period_us is None:
        return RealTime(None, None, "the time between two frames is not known: set period_us")
    if clock.unit == "instructions":
        return RealTime(period_us, None, "an emulator counts instructions, which are not time")
    microseconds = ticks.astype(np.float64) / clock.hz * 1e6
    misses = int(np.count_nonzero(microseconds > period_us))
    return RealTime(period_us, misses, duty_cycle=float(microseconds.mean() / period_us))
