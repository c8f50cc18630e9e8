# SPDX-License-Identifier: Apache-2.0
"""Takes a transport, gives the Device at its other end: what it says it is, its memory, its runs."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tinyedge.build import Build
from tinyedge.errors import DeviceError
from tinyedge.line import boot_text
from tinyedge.line.frames import PROTOCOL, Type
from tinyedge.line.link import RESTARTED, Faulted, Refused, Session, Silent, Transport, Tunable

_HELLO = struct.Struct("<BBHIIIIIHH")
_UNITS = ("ns", "cycles", "instructions")
_UNKNOWN = 0xFFFFFFFF
_GUARDS = {1: "before", 2: "behind", 3: "before and behind"}
_ARENA_BROKEN = 4
_TESTS = {1: "CRC", 2: "arena guards", 4: "arena memory"}
CONNECT = 10.0  # s until the first hello
RUN = 120.0  # s that a run may take
# Rates that are in use, bit/s, the likeliest first: where a board is looked for that answers at none given.
RATES = (115_200, 921_600, 460_800, 1_000_000, 2_000_000, 3_000_000, 230_400, 1_500_000, 57_600, 9_600)
_RATE = 0.5  # s that one of them gets


@dataclass(frozen=True)
class Hello:
    """What the firmware says it is. Sizes in bytes, `ticks_hz` in Hz, `payload` bytes per frame."""

    protocol: int
    tool: str
    board: str
    model: str
    model_id: str
    build_id: str
    arena_size: int
    layers: int
    inputs: int
    outputs: int
    ticks_hz: int
    tick_unit: str
    payload: int
    credit: int

    @property
    def units_per_tick(self) -> float:
        """How many of `tick_unit` one tick is; instructions are those of an emulator that takes 1 ns each."""
        return 1.0 if self.tick_unit == "cycles" else 1e9 / self.ticks_hz


@dataclass(frozen=True)
class Memory:
    """Bytes; None where the device cannot know."""

    stack_size: int | None
    stack_high_water: int | None
    arena_size: int
    static: int | None


class OtherBuild(DeviceError):
    """The firmware is of another build than was expected."""


class Restarted(DeviceError):
    """The firmware has started anew since the hello, and knows nothing of what it was sent before."""


@dataclass(frozen=True)
class Place:
    """Where a model input or output lies in the arena, in bytes."""

    offset: int
    size: int


class Device:
    """An open link to a firmware. Methods raise DeviceError; after one, the next call greets anew."""

    def __init__(self, session: Session, expect: Build | None, limit: float) -> None:
        self._session = session
        self._expect = expect
        self._stale = False
        self.hello = self._greet(limit)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back the port or end the emulator; may be called again."""
        self._session.transport.close()

    def tensor(self, index: int) -> Place:
        """Ask where the model's input or output `index` lies; outputs are counted behind the inputs."""
        return Place(*struct.unpack("<II", self._call(Type.TENSOR, struct.pack("<H", index), 8)))

    def write(self, offset: int, data: bytes) -> None:
        """Put `data` into the arena, `offset` bytes from its start.

        It returns when all is on its way; what goes wrong is raised here or by the next call.
        """
        self._inside(offset, len(data))
        step = self.hello.payload - 4
        with _Renewal(self):
            for at in range(0, len(data), step):
                self._session.post(Type.WRITE, struct.pack("<I", offset + at) + data[at : at + step])

    def read(self, offset: int, length: int) -> bytes:
        """Get `length` bytes of the arena from `offset` on."""
        self._inside(offset, length)
        parts = []
        for at in range(0, length, self.hello.payload):
            size = min(self.hello.payload, length - at)
            parts.append(self._call(Type.READ, struct.pack("<IH", offset + at, size), size))
        return b"".join(parts)

    def run(self, first: int = 0, last: int | None = None, limit: float = RUN) -> int:
        """Run layers first .. last - 1 (all of them when `last` is None), give the ticks that they took.

        `limit`: how long it may take, in seconds. DeviceError also when a layer wrote outside the arena.
        """
        last = self.hello.layers if last is None else last
        if not 0 <= first <= last <= self.hello.layers:
            raise ValueError(f"layers {first} .. {last}, the model has {self.hello.layers}")
        answer = self._call(Type.RUN, struct.pack("<HH", first, last), 8, limit)
        return int.from_bytes(answer, "little")

    def memory(self) -> Memory:
        """Ask for stack and memory sizes."""
        stack, used, arena, static = struct.unpack("<4I", self._call(Type.MEMORY, b"", 16))
        return Memory(_known(stack), _known(used), arena, _known(static))

    def self_test(self) -> None:
        """Have the device test itself; overwrites the arena. DeviceError names what failed."""
        failed = int.from_bytes(self._call(Type.SELF_TEST, b"", 4, RUN), "little")
        if failed:
            parts = ", ".join(name for bit, name in _TESTS.items() if failed & bit)
            raise DeviceError(f"the device's self-test failed: {parts}", "try another board")

    def ticks(self) -> int:
        """Read the tick counter, which runs at hello.ticks_hz."""
        return int.from_bytes(self._call(Type.TICKS, b"", 8), "little")

    def reset(self) -> None:
        """Start the firmware anew and greet it again; the arena's contents are lost."""
        # Restarted: the answer was lost, and the second request met a firmware that had restarted.
        with contextlib.suppress(Restarted):
            self._call(Type.RESET, b"", 0)
        self.hello = self._greet(CONNECT)

    def _call(self, type: Type, payload: bytes, size: int, limit: float | None = None) -> bytes:
        with _Renewal(self):
            try:
                answer = self._session.call(type, payload, limit)
            except Faulted as fault:
                raise named(fault, self._expect) from fault
            except Silent as error:
                if boot_text.find(self._session.decoder.noise) is None:
                    raise
                raise self._restarted(type) from error
            except Refused as error:
                if error.code == RESTARTED:
                    raise self._restarted(type) from error
                if error.code != _ARENA_BROKEN:
                    raise
                raise DeviceError(
                    f"the model wrote {_GUARDS.get(error.detail, 'around')} the arena",
                    "a defect of tinyedge or of a kernel: run with fewer layers to find which, and report it",
                ) from error
            if len(answer) != size:
                raise DeviceError(f"{type.name} was answered by {len(answer)} bytes, {size} were due")
            return answer

    def _restarted(self, type: Type) -> Restarted:
        """The board started anew while it had this request; with the cause where its boot ROM told one."""
        told = boot_text.find(self._session.decoder.noise)
        return Restarted(
            f"{self._session.transport.name}: the board restarted in the middle, at the request {type.name}"
            + (f" ({told.words})" if told else ", and left no fault record"),
            told.hint if told else "is its supply steady? does something else pull its reset line?",
        )

    def _inside(self, offset: int, size: int) -> None:
        if offset < 0 or offset + size > self.hello.arena_size:
            raise ValueError(f"bytes {offset} .. {offset + size} of an arena of {self.hello.arena_size}")

    def _greet(self, limit: float) -> Hello:
        hello = _hello(self._session, limit)
        _compare(hello, self._expect, self._session.transport.name)
        self._session.set_credit(hello.credit)
        self._session.decoder.forget()
        self._stale = False
        return hello


def named(fault: Faulted, build: Build | None) -> Faulted:
    """The fault, with the name that build.json gives the layer."""
    layers = () if build is None else build.layers
    if fault.layer is not None and fault.layer < len(layers):
        fault.args = (f"{fault.args[0]} (layer {fault.layer} is {layers[fault.layer].name})",)
    return fault


class _Renewal:
    """Around a request: greets again after one that failed, and notes when this one does."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def __enter__(self) -> None:
        if self._device._stale:
            self._device._greet(CONNECT)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._device._stale |= kind is not None


def connect(
    transport: Transport,
    expect: Build | None = None,
    timeout: float = CONNECT,
    limit: float = 5.0,
    retry: float = 0.25,
) -> Device:
    """Greet the firmware at the other end of `transport`, which is closed when that fails.

    expect: the build; firmware of any other build is refused. timeout: seconds until the hello.
    limit, retry: as in link.Session. DeviceError says which of the usual causes it was.
    """
    try:
        return Device(Session(transport, limit=limit, retry=retry), expect, timeout)
    except BaseException:
        transport.close()
        raise


def _hello(session: Session, limit: float) -> Hello:
    try:
        answer = session.hello(limit)
    except Silent as error:
        raise _why_silent(session, limit) from error
    hello = parse_hello(answer)
    if hello is None:
        raise DeviceError(
            f"{session.transport.name}: a hello of another protocol ({answer[:16].hex(' ')} ...)",
            "flash firmware that this version of tinyedge built",
        )
    if hello.protocol != PROTOCOL:
        raise DeviceError(
            f"{session.transport.name}: the firmware (tinyedge {hello.tool}) speaks protocol "
            f"{hello.protocol}, this is {PROTOCOL}",
            "flash firmware that this version of tinyedge built",
        )
    return hello


def parse_hello(answer: bytes) -> Hello | None:
    """What the answer to a HELLO says; None when it is none of this protocol's form."""
    try:
        protocol, unit, payload, _, credit, arena, hz, layers, inputs, outputs = _HELLO.unpack_from(answer)
        tool, board, model, model_id, build_id = (
            text.decode("utf-8") for text in answer[_HELLO.size :].rstrip(b"\0").split(b"\0")
        )
        return Hello(
            protocol=protocol,
            tool=tool,
            board=board,
            model=model,
            model_id=model_id,
            build_id=build_id,
            arena_size=arena,
            layers=layers,
            inputs=inputs,
            outputs=outputs,
            ticks_hz=hz,
            tick_unit=_UNITS[unit],
            payload=payload,
            credit=credit,
        )
    except (struct.error, ValueError, IndexError):
        return None


def _why_silent(session: Session, limit: float) -> DeviceError:
    name, decoder = session.transport.name, session.decoder
    if session.fault is not None:
        return DeviceError(f"{name}: no hello; {session.fault}", session.fault.hint)
    if session.foreign:
        return DeviceError(
            f"{name}: {session.foreign} frames, but no answer to hello in {limit:g} s",
            "is another program talking to the board? reset the board and try again",
        )
    received, first, noise = decoder.received, decoder.first, decoder.noise
    told = boot_text.find(noise)
    if told is not None:
        return DeviceError(f"{name}: no hello in {limit:g} s; the board says that {told.words}", told.hint)
    rate = _other_rate(session)
    if rate is not None:
        return DeviceError(
            f"{name}: no hello at the baud rate given, but one at {rate}", f"use that rate: --baud {rate}"
        )
    if received == 0:
        return DeviceError(
            f"{name}: no bytes at all in {limit:g} s",
            "is it the right port, is the board powered and flashed, are RX and TX crossed?",
        )
    said = f"{name}: {received} bytes in {limit:g} s but no hello; they begin {first[:24]!r}"
    if boot_text.is_text(noise):
        return DeviceError(said, "this is other firmware: flash the board, `tinyedge flash`")
    return DeviceError(
        said, "garbage as from another baud rate or other firmware: check --baud, flash the board"
    )


def _other_rate(session: Session) -> int | None:
    """The rate at which the firmware answers; None when it is none of RATES, or the line has no rate."""
    if not isinstance(session.transport, Tunable):
        return None
    given = session.transport.baud
    for rate in RATES:
        if rate != given:
            try:
                session.transport.retune(rate)
                session.hello(_RATE)
            except DeviceError:
                continue
            return rate
    return None


def _compare(hello: Hello, expect: Build | None, name: str) -> None:
    """Refuse firmware of another build than `expect`."""
    if expect is None or hello.build_id == expect.image.build_id:
        return
    model = expect.model
    mismatches = [
        f"{what} {there}, not {here}"
        for what, there, here in (
            ("board", hello.board, expect.board),
            ("model", f"{hello.model} {hello.model_id}", f"{model.name} {model.sha256[:16]}"),
            ("tinyedge", hello.tool, expect.tool.version),
            ("build", hello.build_id, expect.image.build_id),
        )
        if there != here
    ]
    raise OtherBuild(f"{name} runs another build: {'; '.join(mismatches)}", "flash this build first")


def _known(value: int) -> int | None:
    return None if value == _UNKNOWN else value
