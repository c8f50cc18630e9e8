# SPDX-License-Identifier: Apache-2.0
"""Takes samples of current and marker in runs of any length, gives the charge of each whole pulse of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Samples:
    """A run of samples without a gap, each array [N].

    amperes: the current. marked: whether the marker is high. clipped: whether there is more current than the
    probe can tell.
    """

    amperes: NDArray[np.float64]
    marked: NDArray[np.bool_]
    clipped: NDArray[np.bool_]


class Pulses:
    """The pulses of a marker so far; one that was high already when nothing was known of it is none.

    charges: of each whole pulse, in amperes times samples. samples, clipped: in whole pulses. gaps: how often
    samples were lost; a pulse that lost some is none.
    """

    def __init__(self) -> None:
        self.charges: list[float] = []
        self.samples = self.clipped = self.gaps = 0
        self._high: bool | None = None
        self._charge, self._length, self._clipped = 0.0, 0, 0

    @property
    def count(self) -> int:
        """Whole pulses."""
        return len(self.charges)

    def feed(self, samples: Samples | None) -> None:
        """Take what follows; None: samples were lost."""
        if samples is None:
            self.gaps += 1
            self._high = None
            self._charge, self._length, self._clipped = 0.0, 0, 0
            return
        edges = np.flatnonzero(np.diff(samples.marked)) + 1
        for first, last in zip((0, *edges), (*edges, len(samples.marked)), strict=True):
            if last > first:
                self._run(samples, slice(first, last), bool(samples.marked[first]))

    def _run(self, samples: Samples, part: slice, high: bool) -> None:
        if high and (self._high is False or self._length):
            self._charge += float(samples.amperes[part].sum())
            self._clipped += int(np.count_nonzero(samples.clipped[part]))
            self._length += part.stop - part.start
        elif not high and self._length:
            self.charges.append(self._charge)
            self.samples += self._length
            self.clipped += self._clipped
            self._charge, self._length, self._clipped = 0.0, 0, 0
        self._high = high
