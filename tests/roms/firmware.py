# SPDX-License-Identifier: Apache-2.0
"""Our firmware as a chip at the end of a line, as far as frames go: hello, ticks, runs, and a restart."""

from __future__ import annotations

import struct
import time

from tests import builds
from tinyedge import build
from tinyedge.line.frames import PROTOCOL, Decoder, Frame, Type, encode

BUILD = builds.make(
    board="b",
    build_id="12" * 8,
    tool=build.Tool("9"),
    model=build.ModelFile("m", "ab" * 32, "model.tflite"),
    layers=tuple(map(builds.layer, ("first", "second"))),
    inputs=(builds.slot("x", 0, 0, 4),),
    outputs=(builds.slot("y", 1, 4, 4),),
)
BANNER = b"ESP-ROM:esp32c3-api1-20210207\r\nrst:0x7 (TG0WDT_SYS_RST),boot:0xc (SPI_FAST_FLASH_BOOT)\r\n"
_RESTARTED = struct.pack("<BxHI", 5, 0, 0)
_FAULT = struct.pack("<5I", 0x1234, 0x5678, 0x100, 0x6000_0000, 1)


class Firmware:
    """Answers until `restart` happens at a RUN: None never, "watchdog" with a banner, "fault" with a record.

    hz: of its tick counter. slow: seconds that an answer takes.
    """

    def __init__(self, restart: str | None = None, hz: int = 64_000_000, slow: float = 0.0) -> None:
        self.written = 0
        self._restart = restart
        self._hz = hz
        self._slow = slow
        self._decoder = Decoder()
        self._session = 0

    def feed(self, data: bytes) -> bytes:
        """As line.Chip."""
        return b"".join(self._answer(frame) for frame in self._decoder.feed(data))

    def _answer(self, frame: Frame) -> bytes:
        time.sleep(self._slow)
        payload = b""
        if frame.type == Type.HELLO:
            self._session = frame.session
            payload = self._hello(frame.payload)
        if self._session != frame.session:
            return encode(Frame(frame.session, frame.seq, Type.ERROR, _RESTARTED))
        if frame.type == Type.MODEL:
            payload = struct.pack("<IIIHH", 8, 0, 2, 1, 1) + b"m\0" + b"ab" * 8 + b"\0"
        if frame.type == Type.TICKS:
            payload = int(time.monotonic() * self._hz).to_bytes(8, "little")
        if frame.type == Type.RUN:
            if self._restart == "fault":
                return encode(Frame(frame.session, 0, Type.FAULT, _FAULT))
            if self._restart == "watchdog":
                self._session = 0
                return BANNER
            payload = bytes(8)
        return encode(Frame(frame.session, frame.seq, frame.type | Type.ANSWER, payload))

    def _hello(self, nonce: bytes) -> bytes:
        head = struct.pack("<BBH4sIII", PROTOCOL, 1, 1024, nonce, 0, self._hz, 1)
        return head + b"9\0b\0" + b"12" * 8 + b"\0"
