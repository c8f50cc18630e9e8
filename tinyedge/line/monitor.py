# SPDX-License-Identifier: Apache-2.0
"""Takes what a board sends, gives events in words: our frames decoded, text line by line, faults named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tinyedge.build import Build
from tinyedge.line import boot_text, device, hello, link
from tinyedge.line.frames import LONGEST_WIRE, Frame, Type, decode


@dataclass(frozen=True)
class Event:
    """One thing that the board said. kind: "frame", "fault", "restart", "text" or "bytes"."""

    kind: str
    words: str


@dataclass
class Listener:
    """Splits a stream into events. `build` is for the names of layers."""

    build: Build | None = None
    received: int = 0  # bytes
    _half: bytes = field(default=b"", repr=False)

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take what has arrived, give what is complete by now."""
        self.received += len(data)
        *closed, self._half = (self._half + data).split(b"\0")
        for part in closed:
            yield from self._part(part)
        # Text has no zeros, so its lines are complete before a zero comes; a frame hardly reads as text.
        lines, newline, rest = self._half.rpartition(b"\n")
        if newline and boot_text.is_text(lines):
            self._half = rest
            yield from self._text(lines)
        elif len(self._half) > LONGEST_WIRE:
            yield from self.pause()

    def pause(self) -> Iterator[Event]:
        """Nothing more comes for now: give what is left."""
        part, self._half = self._half, b""
        yield from self._part(part)

    def _part(self, part: bytes) -> Iterator[Event]:
        if not part:
            return
        frame = decode(part)
        if frame is not None:
            yield self._frame(frame)
        elif boot_text.is_text(part):
            yield from self._text(part)
        else:
            yield Event("bytes", f"{len(part)} bytes that are neither a frame nor text: {part[:24].hex(' ')}")

    def _text(self, text: bytes) -> Iterator[Event]:
        for line in text.splitlines():
            if not line.strip():
                continue
            yield Event("text", line.decode(errors="backslashreplace"))
            restart = boot_text.find(line)
            if restart is not None:
                yield Event("restart", f"the board restarted: {restart.words} ({restart.hint})")

    def _frame(self, frame: Frame) -> Event:
        if frame.type == Type.FAULT:
            fault = link.fault(frame.payload)
            if fault is not None:
                return Event("fault", str(device.named(fault, self.build)))
        if frame.type == Type.HELLO | Type.ANSWER:
            said = hello.parse(frame.payload)
            if said is not None:
                return Event("frame", f"hello of {said.board}, build {said.build_id}")
        kind, answer = frame.type & ~Type.ANSWER, frame.type & Type.ANSWER
        if frame.type in (Type.NAK, Type.ERROR, Type.FAULT):
            kind, answer = frame.type, 0
        name = Type(kind).name if kind in Type.__members__.values() else f"type {frame.type:#x}"
        size = len(frame.payload)
        what = f"answer to {name}" if answer else name
        return Event("frame", f"{what}, session {frame.session}, seq {frame.seq}, {size} bytes")
