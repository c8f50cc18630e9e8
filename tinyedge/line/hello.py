# SPDX-License-Identifier: Apache-2.0
"""Takes the answers to HELLO and MODEL, gives what a firmware says it is: a Hello, or a DeviceError.

What a device says is a stranger's word: a value that no firmware of ours can have is refused here, so that
nothing behind this has to think of it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tinyedge.build import Build
from tinyedge.errors import DeviceError
from tinyedge.line.frames import PAYLOAD, PROTOCOL

_HELLO = struct.Struct("<BBHIIII")
_MODEL = struct.Struct("<IIIHH")
_UNITS = ("ns", "cycles", "instructions")
_LEAST_PAYLOAD = 64  # bytes that a firmware must take at once
_MOST_MEMORY = 1 << 31  # bytes
_MOST_MODELS = 16
_MOST_LAYERS = 0xFFFF  # numbers are u16 in RUN
_FLASH = "flash firmware that this version of tinyedge built"


@dataclass(frozen=True)
class Served:
    """What the firmware says of one of its models. Sizes in bytes; `id`: the start of the file's SHA-256."""

    number: int
    name: str
    id: str
    arena_size: int
    state_size: int
    layers: int
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Hello:
    """What the firmware says it is. `ticks_hz` in Hz, `payload` bytes per frame, `credit` wire bytes."""

    protocol: int
    tool: str
    board: str
    build_id: str
    models: int
    ticks_hz: int
    tick_unit: str
    payload: int
    credit: int
    served: tuple[Served, ...] = ()

    @property
    def units_per_tick(self) -> float:
        """How many of `tick_unit` one tick is; instructions are those of an emulator that takes 1 ns each."""
        return 1.0 if self.tick_unit == "cycles" else 1e9 / self.ticks_hz

    @property
    def model(self) -> str:
        """The models' names, for people."""
        return " and ".join(model.name for model in self.served)


class OtherBuild(DeviceError):
    """The firmware is of another build than was expected."""


def parse(answer: bytes) -> Hello | None:
    """What the answer to a HELLO says, without its models; None when it is none of this protocol's form."""
    try:
        protocol, unit, payload, _, credit, hz, models = _HELLO.unpack_from(answer)
        tool, board, build_id = _texts(answer[_HELLO.size :], 3)
        return Hello(protocol, tool, board, build_id, models, hz, _UNITS[unit], payload, credit)
    except (struct.error, ValueError, IndexError):
        return None


def check(answer: bytes, name: str) -> Hello:
    """As `parse`, of the port `name`; DeviceError for another protocol or values that cannot be."""
    hello = parse(answer) if answer[:1] == bytes([PROTOCOL]) else None
    if hello is None and answer[:1] not in (b"", bytes([PROTOCOL])):
        raise DeviceError(f"{name}: the firmware speaks protocol {answer[0]}, this is {PROTOCOL}", _FLASH)
    if hello is None:
        raise DeviceError(f"{name}: a hello of another form ({answer[:16].hex(' ')} ...)", _FLASH)
    for value, least, most, what in (
        (hello.payload, _LEAST_PAYLOAD, PAYLOAD, "frames of {} bytes"),
        (hello.ticks_hz, 1, None, "{} ticks a second"),
        (hello.models, 1, _MOST_MODELS, "{} models"),
    ):
        _within(name, value, least, most, what)
    return hello


def check_model(answer: bytes, number: int, name: str) -> Served:
    """What the answer to a MODEL says; DeviceError where it cannot be."""
    try:
        arena, state, layers, inputs, outputs = _MODEL.unpack_from(answer)
        model, id = _texts(answer[_MODEL.size :], 2)
    except (struct.error, ValueError):
        said = answer[:16].hex(" ")
        raise DeviceError(f"{name}: nothing sensible is said of model {number}: {said}", _FLASH) from None
    for value, least, most, what in (
        (arena, 1, _MOST_MEMORY, "an arena of {} bytes"),
        (state, 0, _MOST_MEMORY, "a state of {} bytes"),
        (layers, 1, _MOST_LAYERS, "{} layers"),
        (inputs, 1, None, "{} inputs"),
        (outputs, 1, None, "{} outputs"),
    ):
        _within(name, value, least, most, what)
    return Served(number, model, id, arena, state, layers, inputs, outputs)


def compare(hello: Hello, expect: Build | None, name: str) -> int:
    """The number of the model that `expect` is about, 0 where nothing is expected.

    OtherBuild for firmware of another build; DeviceError where it contradicts its own build.
    """
    if expect is None:
        return 0
    model = expect.model
    here = (model.name, model.sha256[:16])
    found = next((served for served in hello.served if (served.name, served.id) == here), None)
    if hello.build_id != expect.image.build_id or found is None:
        there = " and ".join(f"{served.name} {served.id}" for served in hello.served)
        mismatches = [
            f"{what} {said}, not {wanted}"
            for what, said, wanted in (
                ("board", hello.board, expect.board),
                ("model", there, " ".join(here)),
                ("tinyedge", hello.tool, expect.tool.version),
                ("build", hello.build_id, expect.image.build_id),
            )
            if said != wanted
        ]
        raise OtherBuild(f"{name} runs another build: {'; '.join(mismatches)}", "flash this build first")
    for said, wanted, what in (
        (found.arena_size, expect.ram.arena, "an arena of {} bytes"),
        (found.state_size, expect.ram.state, "a state of {} bytes"),
        (found.layers, len(expect.layers), "{} layers"),
        (found.inputs, len(expect.inputs), "{} inputs"),
        (found.outputs, len(expect.outputs), "{} outputs"),
    ):
        if said != wanted:
            claim, right = what.format(f"{said:,}"), f"{wanted:,}"
            raise DeviceError(f"{name}: the firmware claims {claim}, and its build has {right}", _FLASH)
    return found.number


def _within(name: str, value: int, least: int, most: int | None, what: str) -> None:
    if value < least or (most is not None and value > most):
        claim = what.format(f"{value:,}")
        raise DeviceError(f"{name}: the firmware claims {claim}, which no firmware of ours has", _FLASH)


def _texts(data: bytes, count: int) -> list[str]:
    """`count` strings, each with a zero behind it; ValueError where there are others."""
    *texts, rest = data.split(b"\0")
    if rest or len(texts) != count:
        raise ValueError
    return [text.decode("utf-8") for text in texts]
