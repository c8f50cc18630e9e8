# SPDX-License-Identifier: Apache-2.0
"""Takes a transport and a seed, gives one that drops, doubles, flips and delays bytes, both ways."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from tinyedge.line.link import Transport


@dataclass(frozen=True)
class Noise:
    """How often (0..1) a mishap happens: drop, double, flip, garbage per byte; delay, repeat per chunk."""

    drop: float = 0.0
    double: float = 0.0
    flip: float = 0.0
    garbage: float = 0.0
    delay: float = 0.0
    repeat: float = 0.0


class Faulty:
    """The same seed and the same traffic give the same mishaps."""

    bytes_per_second = None

    def __init__(self, inner: Transport, seed: int, noise: Noise) -> None:
        self.name = inner.name
        self.mishaps = 0
        self._inner = inner
        self._random = random.Random(seed)
        self._noise = noise
        self._late_in = b""
        self._late_out = b""
        self._said = b""

    def read(self, timeout: float) -> bytes:
        """As link.Transport; a delayed end of a chunk comes with the next one, or after `timeout`."""
        data = self._inner.read(timeout)
        if not data:
            data, self._late_in = self._late_in, b""
            return data
        data, self._late_in = self._hold(self._late_in + self._spoil(data))
        return data

    def write(self, data: bytes) -> None:
        """As link.Transport; a delayed end leaves with what is written next. An old chunk may come again."""
        now, self._late_out = self._hold(self._late_out + self._spoil(data))
        if self._happens(self._noise.repeat):
            now += self._said
        self._said = data
        self._inner.write(now)

    def close(self) -> None:
        """As link.Transport."""
        self._inner.close()

    def _happens(self, probability: float) -> bool:
        happens = self._random.random() < probability
        self.mishaps += happens
        return happens

    def _hold(self, data: bytes) -> tuple[bytes, bytes]:
        if not data or not self._happens(self._noise.delay):
            return data, b""
        cut = self._random.randrange(len(data))
        return data[:cut], data[cut:]

    def _spoil(self, data: bytes) -> bytes:
        out = bytearray()
        for byte in data:
            if self._happens(self._noise.drop):
                continue
            if self._happens(self._noise.flip):
                byte ^= 1 << self._random.randrange(8)
            out.append(byte)
            if self._happens(self._noise.double):
                out.append(byte)
            if self._happens(self._noise.garbage):
                out += self._random.randbytes(self._random.randrange(1, 40))
        return bytes(out)


class Silence:
    """A transport with nobody at its other end; `data` are bytes that had arrived already."""

    bytes_per_second = None

    def __init__(self, data: bytes = b"") -> None:
        self.name = "a test line"
        self.written = b""
        self.closed = False
        self._data = data

    def read(self, timeout: float) -> bytes:
        """As link.Transport."""
        data, self._data = self._data, b""
        if not data:
            time.sleep(timeout)
        return data

    def write(self, data: bytes) -> None:
        """As link.Transport."""
        self.written += data

    def close(self) -> None:
        """As link.Transport."""
        self.closed = True
