# SPDX-License-Identifier: Apache-2.0
"""A Joulescope JS220 behind a module that stands for pyjoulescope_driver: streams samples in real time.

Written from what that package has (its binding, `record.py`, `measure.py`): topics with a value each; what a
signal gives comes as a dict, in blocks, numbered at 2 MHz by twos; current and voltage as float32, an input
as bits, the first in the lowest.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

PATH = "u/js220/001234"
BASE, FACTOR = 2_000_000, 2
RATE = BASE // FACTOR
_BLOCK = 20_000  # samples
_LATE = 0.02  # s by which the stream trails, so that no edge comes behind its samples
_FIRST = 5_000_000  # the number of the first sample: nobody may take it for 0
VOLTS, IDLE, BUSY = np.float32(1.8), np.float32(0.002), np.float32(0.0475)


class Scope:
    """The module, its input `channel` on the marker that `mark` moves.

    lose: every so many blocks, one is lost. missing: amperes are NaN while the marker is high. stops: after
    so many blocks it is unplugged. there: whether one is plugged in.
    """

    def __init__(
        self, channel: int = 0, lose: int = 0, missing: bool = False, stops: int = 10**9, there: bool = True
    ) -> None:
        self.channel, self.lose, self.missing, self.stops, self.there = channel, lose, missing, stops, there
        self.lengths: list[int] = []
        self.published: dict[str, Any] = {}
        self._edges: list[float] = []
        self._heard: dict[str, Callable[[str, Any], None]] = {}
        self._ended = threading.Event()
        self._high = False

    def mark(self, at: float) -> None:
        """Turn the marker over, at a time of the monotonic clock a moment ago."""
        self._edges.append(at)

    def Driver(self) -> Scope:
        """The only driver."""
        return self

    def device_paths(self) -> list[str]:
        """What is plugged in."""
        return [PATH] if self.there else []

    def open(self, path: str) -> None:
        """Begin to measure."""
        assert path == PATH
        threading.Thread(target=self._run, daemon=True).start()

    def close(self, path: str) -> None:
        """End it."""
        self._ended.set()

    def finalize(self) -> None:
        """End everything."""
        self._ended.set()

    def publish(self, topic: str, value: Any) -> None:
        """Set a value."""
        self.published[topic] = value

    def subscribe(self, topic: str, flags: str, heard: Callable[[str, Any], None]) -> None:
        """Tell what comes of a signal."""
        assert flags == "pub"
        self._heard[topic] = heard

    def unsubscribe(self, topic: str, heard: Callable[[str, Any], None]) -> None:
        """Tell no longer."""
        assert self._heard.pop(topic) is heard

    def _run(self) -> None:
        begun = time.monotonic()
        for block in range(self.stops):
            due = begun + _LATE + (block + 1) * _BLOCK / RATE
            while time.monotonic() < due:
                if self._ended.wait(0.002):
                    return
            numbers = np.arange(block * _BLOCK, (block + 1) * _BLOCK)
            high = np.searchsorted(self._edges, begun + numbers / RATE, side="right") % 2 == 1
            if not self.lose or block % self.lose:
                self._tell(numbers[0], high)

    def _tell(self, first: int, high: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
        busy = np.float32(np.nan) if self.missing else BUSY
        signals = {
            "i": np.where(high, busy, IDLE),
            "v": np.full(len(high), VOLTS),
            f"gpi/{self.channel}": np.packbits(high, bitorder="little"),
        }
        if all(self.published.get(f"{PATH}/s/{name}/ctrl") == 1 for name in ("i", "v")):
            self._count(high)
        for name, data in signals.items():
            topic = f"{PATH}/s/{name}/!data"
            heard = self._heard.get(topic)
            if heard is not None and self.published.get(f"{PATH}/s/{name}/ctrl") == 1:
                number = (_FIRST + int(first)) * FACTOR
                told = {"sample_id": number, "sample_rate": BASE, "decimate_factor": FACTOR, "data": data}
                heard(topic, told)

    def _count(self, high: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
        for run in np.split(high, np.flatnonzero(np.diff(high)) + 1):
            if run[0]:
                self.lengths += [] if self._high else [0]
                self.lengths[-1] += len(run)
            self._high = bool(run[0])
