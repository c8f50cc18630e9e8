# SPDX-License-Identifier: Apache-2.0
"""A Nordic Power Profiler Kit II at a pseudo-terminal: takes its commands, streams samples in real time.

Written from what Nordic's application says and hears (pc-nrfconnect-ppk: commands, the words of a sample, the
conversion): a command is a byte and its arguments; a sample is 32 bits, the converter's in 13:0, its range in
16:14, a counter in 23:18, the logic inputs in 31:24; 100,000 a second.
"""

from __future__ import annotations

import os
import select
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import numpy as np
from numpy.typing import NDArray

RATE = 100_000
_START, _STOP, _POWER, _VOLTAGE, _MODE, _METADATA = 0x06, 0x07, 0x0C, 0x0D, 0x11, 0x19
_ARGUMENTS = {_POWER: 1, _VOLTAGE: 2, _MODE: 1}
_LATE = 0.05  # s by which the stream trails, so that no edge comes behind its samples
# A constant of each of the five ranges: ohms, gains, offsets, and what the supply adds.
_R, _GS, _GI, _O, _S, _I = (1000.0, 100.0, 10.0, 1.0, 0.05), 0.02, 0.98, 112.0, 2e-7, -3e-7
IDLE, BUSY = (1, 4000), (3, 9000)  # range and bits of the converter


class Kit:
    """The kit, its logic input `channel` on the marker that `mark` moves.

    busy: what its converter says while the marker is high. lose: every so many samples, 20 are lost.
    lengths: the samples that each pulse of the marker has got. lies: what it says of itself instead, by the
    name without a number.
    """

    def __init__(
        self,
        channel: int = 0,
        busy: tuple[int, int] = BUSY,
        lose: int = 0,
        lies: Mapping[str, str] | None = None,
    ) -> None:
        self.millivolts, self.mode, self.power = 3000, 1, 0
        self._channel, self._busy, self._lose = channel, busy, lose
        self._lies = lies or {}
        self._edges: list[float] = []
        self._started: float | None = None
        self._sent = 0
        self._high = False
        self.lengths: list[int] = []

    def mark(self, at: float) -> None:
        """Turn the marker over, at a time of the monotonic clock a moment ago."""
        self._edges.append(at)

    def amperes(self, sample: tuple[int, int]) -> float:
        """What a sample stands for."""
        which, bits = sample
        x = (4 * bits - _O) * (1.8 / 163840 / _R[which])
        return x * (_GS * x + _GI) + _S * self.millivolts / 1000 + _I

    def command(self, data: bytes) -> bytes:
        """The answer to what arrived."""
        said, at = b"", 0
        while at < len(data):
            code, more = data[at], _ARGUMENTS.get(data[at], 0)
            argument = data[at + 1 : at + 1 + more]
            at += 1 + more
            if code == _METADATA:
                said += self._metadata()
            elif code == _VOLTAGE:
                (self.millivolts,) = struct.unpack(">H", argument)
            elif code in (_MODE, _POWER):
                setattr(self, "mode" if code == _MODE else "power", argument[0])
            elif code in (_START, _STOP):
                self._started, self._sent = (time.monotonic() if code == _START else None), 0
        return said

    def stream(self) -> bytes:
        """The samples that are due."""
        if self._started is None:
            return b""
        due = int((time.monotonic() - self._started - _LATE) * RATE)
        numbers = np.arange(self._sent, max(due, self._sent))
        self._sent += len(numbers)
        if self._lose:
            numbers = numbers[numbers % self._lose >= 20]
        high = np.searchsorted(self._edges, self._started + numbers / RATE, side="right") % 2 == 1
        self._count(high)
        (idle_range, idle), (busy_range, busy) = IDLE, self._busy
        words = np.where(high, busy | busy_range << 14 | 1 << 24 + self._channel, idle | idle_range << 14)
        said: bytes = (words | (numbers & 63) << 18).astype("<u4").tobytes()
        return said

    def _count(self, high: NDArray[np.bool_]) -> None:
        for run in np.split(high, np.flatnonzero(np.diff(high)) + 1):
            if len(run):
                if run[0]:
                    self.lengths += [] if self._high else [0]
                    self.lengths[-1] += len(run)
                self._high = bool(run[0])

    def _metadata(self) -> bytes:
        lines = ["Calibrated: 1", f"VDD: {self.millivolts}", "HW: 9173", f"mode: {self.mode}", "IA: 59"]
        for which, ohms in enumerate(_R):
            given = {"R": ohms, "GS": _GS, "GI": _GI, "O": _O, "S": _S, "I": _I, "UG": 1.0}
            lines += [f"{name}{which}: {value!r}" for name, value in given.items()]
        for at, line in enumerate(lines):
            name = line.partition(":")[0]
            lie = self._lies.get(name.rstrip("01234"))
            lines[at] = line if lie is None else f"{name}: {lie}"
        return "\n".join([*lines, "END", ""]).encode()


@contextmanager
def plugged(kit: Kit, pulled: threading.Event | None = None) -> Iterator[str]:
    """Its port's name; pulled: set, it is unplugged."""
    import tty

    master, slave = os.openpty()
    tty.setraw(slave)
    name, ended = os.ttyname(slave), threading.Event()

    def serve() -> None:
        waiting = b""
        os.set_blocking(master, False)
        try:
            while not (pulled is not None and pulled.is_set()):
                over = ended.is_set()
                heard = os.read(master, 4096) if select.select([master], [], [], 0.001)[0] else b""
                if over and not heard:
                    return
                waiting += kit.command(heard) + kit.stream()
                with suppress(BlockingIOError):  # nobody reads at the moment
                    waiting = waiting[os.write(master, waiting) :]
        finally:
            os.close(slave)
            os.close(master)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield name
    finally:
        ended.set()
        thread.join(10)
