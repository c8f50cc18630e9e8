# SPDX-License-Identifier: Apache-2.0
"""Firmware that lies, goes silent or answers late: every field of what it says is its own word."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass, field

from tests.roms.firmware import BUILD
from tinyedge.build import Build
from tinyedge.line.frames import PROTOCOL, Decoder, Frame, Type, encode


@dataclass
class Liar:
    """Firmware of `build`, but for what is set otherwise; its outputs are zeros.

    It is a transport (read, write, close), and a chip for tests.roms.line (feed).
    """

    build: Build = BUILD
    unit: int = 1
    payload: int = 1024
    credit: int = 0
    hz: int = 64_000_000
    models: int = 1
    texts: bytes | None = None
    arena: int | None = None
    state: int | None = None
    layers: int | None = None
    inputs: int | None = None
    outputs: int | None = None
    names: bytes | None = None
    ticks: int = 100
    memory: tuple[int, int, int] = (4096, 272, 5000)
    places: tuple[int, int] | None = None  # what it says of every tensor
    mute: tuple[int, ...] = ()  # requests that it does not answer
    cut: int | None = None  # bytes that are left of an answer to HELLO or MODEL
    short: tuple[int, ...] = ()  # requests whose answers lack their last byte
    stale: tuple[int, ...] = ()  # requests whose answers bear the number of the one before
    slow: dict[int, float] = field(default_factory=dict)  # seconds that a request takes
    garbage: bytes = b""  # said instead of anything else, again and again
    written: int = 0
    name: str = "liar"
    bytes_per_second: float | None = None
    _said: bytes = b""
    _decoder: Decoder = field(default_factory=Decoder)

    def feed(self, data: bytes) -> bytes:
        """As line.Chip."""
        answers = b"".join(self._answer(frame) for frame in self._decoder.feed(data))
        return self.garbage or answers

    def write(self, data: bytes) -> None:
        """As link.Transport."""
        self._said += self.feed(data)

    def read(self, timeout: float) -> bytes:
        """As link.Transport."""
        if not self._said:
            time.sleep(min(timeout, 0.05))
        said, self._said = self._said, b""
        return said

    def close(self) -> None:
        """As link.Transport."""

    def _answer(self, frame: Frame) -> bytes:
        if frame.type in self.mute:
            return b""
        time.sleep(self.slow.get(frame.type, 0))
        payload = self._payload(frame)
        payload = payload[: len(payload) - (frame.type in self.short)]
        seq = (frame.seq - (frame.type in self.stale)) & 0xFFFF
        return encode(Frame(frame.session, seq, frame.type | Type.ANSWER, payload))

    def _payload(self, frame: Frame) -> bytes:
        match frame.type:
            case Type.HELLO:
                return self._hello(frame.payload)[: self.cut]
            case Type.MODEL:
                return self._model()[: self.cut]
            case Type.TENSOR:
                return struct.pack("<II", *(self.places or self._place(frame.payload)))
            case Type.READ:
                return bytes(int.from_bytes(frame.payload[2:4], "little"))
            case Type.INFER:
                return self._ticks() + bytes(sum(slot.bytes for slot in self.build.outputs))
            case Type.MEMORY:
                return struct.pack("<3I", *self.memory)
            case Type.RUN | Type.TICKS:
                return self._ticks()
            case _:
                return b""

    def _hello(self, nonce: bytes) -> bytes:
        head = struct.pack(
            "<BBH4sIII", PROTOCOL, self.unit, self.payload, nonce, self.credit, self.hz, self.models
        )
        build = self.build
        texts = (build.tool.version, build.board, build.image.build_id)
        return head + (
            b"".join(text.encode() + b"\0" for text in texts) if self.texts is None else self.texts
        )

    def _model(self) -> bytes:
        build = self.build
        claims = (self.arena, self.state, self.layers, self.inputs, self.outputs)
        facts = (build.ram.arena, build.ram.state, len(build.layers), len(build.inputs), len(build.outputs))
        said = (fact if claim is None else claim for claim, fact in zip(claims, facts, strict=True))
        names = f"{build.model.name}\0{build.model.sha256[:16]}\0".encode()
        return struct.pack("<IIIHH", *said) + (names if self.names is None else self.names)

    def _place(self, payload: bytes) -> tuple[int, int]:
        slot = (*self.build.inputs, *self.build.outputs)[int.from_bytes(payload[2:4], "little")]
        return slot.offset, slot.bytes

    def _ticks(self) -> bytes:
        return self.ticks.to_bytes(8, "little")
