# SPDX-License-Identifier: Apache-2.0
"""Takes frames, gives bytes for the wire; takes bytes from a wire, gives the frames that came whole.

The protocol is described in firmware/runtime/link.h.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from enum import IntEnum

from cobs import cobs

PROTOCOL = 3
PAYLOAD = 1024  # the longest payload of a frame, in bytes
_HEADER = struct.Struct("<BHB")
_CRC = struct.Struct("<I")
_LONGEST = _HEADER.size + PAYLOAD + _CRC.size
LONGEST_WIRE = _LONGEST + _LONGEST // 254 + 1  # bytes between the zeros of a frame
_SAMPLE = 64
_NOISE = 400


class Type(IntEnum):
    """What a frame is; an answer has its request's type | ANSWER."""

    HELLO = 0x01
    MEMORY = 0x02
    SELF_TEST = 0x03
    RESET = 0x04
    TICKS = 0x05
    MODEL = 0x06
    TENSOR = 0x07
    RESET_STATE = 0x08
    WRITE = 0x09
    READ = 0x0A
    RUN = 0x0B
    INFER = 0x0C
    ANSWER = 0x80
    NAK = 0xFD
    ERROR = 0xFE
    FAULT = 0xFF


@dataclass(frozen=True)
class Frame:
    """One frame: `session` 0..255, `seq` 0..65535, `type` 0..255, `payload` of at most PAYLOAD bytes."""

    session: int
    seq: int
    type: int
    payload: bytes = b""


def encode(frame: Frame) -> bytes:
    """The bytes on the wire, closing zeros on both sides among them."""
    if len(frame.payload) > PAYLOAD:
        raise ValueError(f"payload of {len(frame.payload)} bytes, at most {PAYLOAD}")
    body = _HEADER.pack(frame.session, frame.seq, frame.type) + frame.payload
    coded: bytes = cobs.encode(body + _CRC.pack(zlib.crc32(body)))
    return b"\0" + coded + b"\0"


def decode(wire: bytes) -> Frame | None:
    """The frame that was between two zeros; None when it is damaged."""
    try:
        raw = cobs.decode(wire)
    except cobs.DecodeError:
        return None
    if not _HEADER.size + _CRC.size <= len(raw) <= _LONGEST:
        return None
    body = raw[: -_CRC.size]
    if _CRC.unpack(raw[-_CRC.size :])[0] != zlib.crc32(body):
        return None
    session, seq, type = _HEADER.unpack_from(body)
    return Frame(session, seq, type, body[_HEADER.size :])


@dataclass
class Decoder:
    """Finds frames in a stream that starts anywhere and may hold anything. Its memory is bounded."""

    received: int = 0  # bytes so far
    damaged: int = 0  # stretches between zeros that are no frame
    first: bytes = b""  # the first bytes, for messages
    _noise: bytes = b""
    _half: bytearray = field(default_factory=bytearray)
    _too_long: bool = False

    @property
    def noise(self) -> bytes:
        """The last bytes that were no frame, for messages."""
        return (self._noise + self._half)[-_NOISE:]

    def forget(self) -> None:
        """Start `noise` anew."""
        self._noise = b""

    def feed(self, data: bytes) -> list[Frame]:
        """Take what has arrived, give the frames that are complete now."""
        self.received += len(data)
        self.first += data[: _SAMPLE - len(self.first)]
        *closed, rest = data.split(b"\0")
        frames = []
        for part in closed:
            self._keep(part)
            frame = None if self._too_long else decode(bytes(self._half))
            if frame is not None:
                frames.append(frame)
            elif self._half:
                self.damaged += 1
                self._noise = self.noise
            self._half.clear()
            self._too_long = False
        self._keep(rest)
        return frames

    def _keep(self, part: bytes) -> None:
        room = LONGEST_WIRE - len(self._half)
        self._half += part[:room]
        self._too_long |= len(part) > room
