# SPDX-License-Identifier: Apache-2.0
"""Takes bytes of a line on which firmware sends samples by te_samples.h, gives the rows and their numbers."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np

from tinyedge.line.frames import Decoder

TYPE = 0x20  # of frames that hold samples: TE_SAMPLES of firmware/samples/te_samples.h
_HEAD = struct.Struct("<IHH")  # number of the first row, channels, zero
_TURN = 2**32  # rows until their numbers begin anew

Row = tuple[int, tuple[float, ...]]
"""Its number, from 0, and a value for each channel."""


@dataclass
class Sent:
    """Rows as they come. channels: of the first frame, None before it; frames with others are dropped.

    lost: rows that did not come, whose numbers are left out. restarts: of the firmware, each of which leaves
    out one number, since nobody knows how long it took.
    """

    channels: int | None = None
    lost: int = 0
    restarts: int = 0
    _decoder: Decoder = field(default_factory=Decoder)
    _due: int = 0
    _at: int = 0

    def feed(self, data: bytes) -> list[Row]:
        """The rows that these bytes complete."""
        frames = self._decoder.feed(data)
        return [row for frame in frames if frame.type == TYPE for row in self._rows(frame.payload)]

    def _rows(self, payload: bytes) -> list[Row]:
        if len(payload) < _HEAD.size:
            return []
        first, channels, zero = _HEAD.unpack_from(payload)
        row = 2 * channels
        if zero or not channels or (len(payload) - _HEAD.size) % row or self.channels not in (None, channels):
            return []
        if self.channels is not None:
            self._skip((first - self._due) % _TURN)
        self.channels = channels
        values = np.frombuffer(payload, "<i2", offset=_HEAD.size).reshape(-1, channels)
        start, self._at = self._at, self._at + len(values)
        self._due = first + len(values)
        return list(enumerate(map(tuple, values.tolist()), start))

    def _skip(self, ahead: int) -> None:
        """Leave out the numbers of missing rows; one that lies behind is of a firmware that restarted."""
        if ahead < _TURN // 2:
            self.lost += ahead
            self._at += ahead
        else:
            self.restarts += 1
            self._at += 1
