# SPDX-License-Identifier: Apache-2.0
"""Takes a transport, gives the Device at its other end: what it says it is, its memory, its runs."""

from __future__ import annotations

import contextlib
import itertools
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from tinyedge.build import Build
from tinyedge.errors import DeviceError
from tinyedge.line import boot_text
from tinyedge.line.frames import Type
from tinyedge.line.hello import Hello, Served, check, check_model, compare
from tinyedge.line.link import RESTARTED, Faulted, Refused, Session, Silent, Simulated, Transport, Tunable
from tinyedge.line.patience import AT_LEAST, AT_LEAST_EMULATED, EMULATED, Patience

_OF_MODEL = struct.Struct("<HH")
_PLACED = struct.Struct("<HHI")
_UNKNOWN = 0xFFFFFFFF
# Bits of TE_BROKEN_* in firmware/runtime/arena.h.
_GUARDS = {1: "before the arena", 2: "behind the arena", 4: "before its state", 8: "behind its state"}
_ARENA_BROKEN = 4
_TESTS = {1: "CRC", 2: "arena guards", 4: "arena memory"}
CONNECT = 10.0  # s until the first hello
# Rates that are in use, bit/s, the likeliest first: where a board is looked for that answers at none given.
RATES = (115_200, 921_600, 460_800, 1_000_000, 2_000_000, 3_000_000, 230_400, 1_500_000, 57_600, 9_600)
_RATE = 0.5  # s that one of them gets


@dataclass(frozen=True)
class Memory:
    """Bytes; None where the device cannot know."""

    stack_size: int | None
    stack_high_water: int | None
    static: int | None


class Restarted(DeviceError):
    """The firmware has started anew since the hello, and knows nothing of what it was sent before."""


@dataclass(frozen=True)
class Place:
    """Where a model input or output lies in the arena, in bytes."""

    offset: int
    size: int


class Device:
    """An open link to a firmware, and to one of its models: the expected one, or the first.

    Methods raise DeviceError; after one, the next call greets anew.
    """

    def __init__(
        self, session: Session, expect: Build | None, limit: float, clock_hz: int | None = None
    ) -> None:
        self._session = session
        self._expect = expect
        self._emulated = clock_hz is None
        line = session.transport
        rate = line.instructions_per_second if isinstance(line, Simulated) else EMULATED
        self._patience = Patience() if expect is None else Patience.with_layers(expect.layers, clock_hz, rate)
        self._stale = False
        self._number: int | None = None
        self._outputs: dict[int, list[tuple[int, int]]] = {}  # offset and size, by model
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

    @property
    def model(self) -> Served:
        """The model that the methods are about."""
        return self.hello.served[self._number or 0]

    def choose(self, number: int) -> None:
        """Be about model `number` of the firmware from here on. Models share the arena, not their states."""
        if not 0 <= number < self.hello.models:
            raise ValueError(f"model {number}, the firmware has {self.hello.models}")
        self._number = number
        if self.hello.models > 1:
            self._patience = Patience()  # the build that was expected tells of one

    def tensor(self, index: int) -> Place:
        """Ask where the model's input or output `index` lies; outputs are counted behind the inputs."""
        return Place(*struct.unpack("<II", self._ask(Type.TENSOR, index, None, 8)))

    def write(self, offset: int, data: bytes) -> None:
        """Put `data` into the arena, `offset` bytes from its start.

        It returns when all is on its way; what goes wrong is raised here or by the next call.
        """
        self._inside(offset, len(data))
        step = self.hello.payload - _PLACED.size
        with _Renewal(self):
            for at in range(0, len(data), step):
                head = _PLACED.pack(self.model.number, 0, offset + at)
                self._session.post(Type.WRITE, head + data[at : at + step])

    def read(self, offset: int, length: int) -> bytes:
        """Get `length` bytes of the arena from `offset` on."""
        self._inside(offset, length)
        parts = []
        for at in range(0, length, self.hello.payload):
            size = min(self.hello.payload, length - at)
            parts.append(self._ask(Type.READ, size, offset + at, size))
        return b"".join(parts)

    def run(self, first: int = 0, last: int | None = None, limit: float | None = None) -> int:
        """Run layers first .. last - 1 (all of them when `last` is None), give the ticks that they took.

        `limit`: how long it may take, in seconds; without one, what patience.py says of these layers.
        DeviceError also when a layer wrote outside its memory.
        """
        last = self.model.layers if last is None else last
        if not 0 <= first <= last <= self.model.layers:
            raise ValueError(f"layers {first} .. {last}, the model has {self.model.layers}")
        limit = self._patience.of(first, last) if limit is None else limit
        answer = self._ask(Type.RUN, first, last, 8, limit)
        return int.from_bytes(answer, "little")

    def infer(
        self, inputs: Sequence[tuple[int, bytes]], outputs: Sequence[tuple[int, int]]
    ) -> tuple[int, list[bytes]]:
        """Write every (offset, data), run all layers, read every (offset, length); gives ticks and bytes.

        It takes one request and its answer where `outputs` are the model's, in order, and fit into a frame;
        of inputs, what does not fit goes before it.
        """
        sizes = [length for _, length in outputs]
        if not inputs or 8 + sum(sizes) > self.hello.payload or list(outputs) != self._places():
            for offset, data in inputs:
                self.write(offset, data)
            return self.run(), [self.read(offset, length) for offset, length in outputs]
        *others, (offset, data) = inputs
        self._inside(offset, len(data))
        split = max(0, len(data) - (self.hello.payload - _PLACED.size))
        for at, part in (*others, (offset, data[:split])):
            self.write(at, part)
        payload = _PLACED.pack(self.model.number, 0, offset + split) + data[split:]
        limit = self._patience.of(0, self.model.layers)
        answer = self._call(Type.INFER, payload, 8 + sum(sizes), limit)
        ends = [*itertools.accumulate(sizes, initial=8)]
        return int.from_bytes(answer[:8], "little"), [answer[a:b] for a, b in itertools.pairwise(ends)]

    def reset_state(self) -> None:
        """Give the model's state the values that it has before the first run."""
        self._ask(Type.RESET_STATE, 0, None, 0)

    def memory(self) -> Memory:
        """Ask for stack and memory sizes."""
        return Memory(*map(_known, struct.unpack("<3I", self._call(Type.MEMORY, b"", 12))))

    def self_test(self) -> None:
        """Have the device test itself; overwrites the arena. DeviceError names what failed."""
        limit = self._patience.touching(sum(model.arena_size for model in self.hello.served))
        failed = int.from_bytes(self._call(Type.SELF_TEST, b"", 4, limit), "little")
        if failed:
            parts = ", ".join(name for bit, name in _TESTS.items() if failed & bit)
            raise DeviceError(f"the device's self-test failed: {parts}", "try another board")

    def ticks(self) -> int:
        """Read the tick counter, which runs at hello.ticks_hz."""
        return int.from_bytes(self._call(Type.TICKS, b"", 8), "little")

    def reset(self) -> None:
        """Start the firmware anew and greet it again; what arena and states held is lost."""
        # Restarted: the answer was lost, and the second request met a firmware that had restarted.
        with contextlib.suppress(Restarted):
            self._call(Type.RESET, b"", 0)
        self.hello = self._greet(CONNECT)

    def _places(self) -> list[tuple[int, int]]:
        """Offset and size of the model's outputs, asked once."""
        if self.model.number not in self._outputs:
            first = self.model.inputs
            places = [self.tensor(first + i) for i in range(self.model.outputs)]
            self._outputs[self.model.number] = [(place.offset, place.size) for place in places]
        return self._outputs[self.model.number]

    def _ask(
        self, type: Type, number: int, place: int | None, size: int, limit: float | None = None
    ) -> bytes:
        """A request to the model, with the fields that link.h lists for it; `size`: bytes of its answer."""
        model = self.model.number
        payload = _OF_MODEL.pack(model, number) if place is None else _PLACED.pack(model, number, place)
        return self._call(type, payload, size, limit)

    def _call(self, type: Type, payload: bytes, size: int, limit: float | None = None) -> bytes:
        with _Renewal(self):
            try:
                answer = self._session.call(type, payload, limit)
            except Faulted as fault:
                raise named(fault, self._expect, self.model.number) from fault
            except Silent as error:
                if boot_text.find(self._session.decoder.noise) is None:
                    if self._emulated:
                        error.hint = "run it with less beside it on this machine, or on the board (-p PORT)"
                    elif limit is not None:
                        error.args = (f"{error}; {limit:.0f} s is more than it can take on any core of ours",)
                    raise
                raise self._restarted(type) from error
            except Refused as error:
                if error.code == RESTARTED:
                    raise self._restarted(type) from error
                if error.code != _ARENA_BROKEN:
                    raise
                where = " and ".join(words for bit, words in _GUARDS.items() if error.detail & bit)
                raise DeviceError(
                    f"the model wrote {where or 'outside its memory'}",
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
        if offset < 0 or offset + size > self.model.arena_size:
            raise ValueError(f"bytes {offset} .. {offset + size} of an arena of {self.model.arena_size}")

    def _greet(self, limit: float) -> Hello:
        session, name = self._session, self._session.transport.name
        hello = check(_hello(session, limit), name)
        session.set_credit(hello.credit)
        # One limit for all of them: a device may not use it up once for each.
        end = time.monotonic() + session.limit
        served = tuple(
            check_model(
                session.call(Type.MODEL, _OF_MODEL.pack(number, 0), max(0.0, end - time.monotonic())),
                number,
                name,
            )
            for number in range(hello.models)
        )
        hello = replace(hello, served=served)
        number = compare(hello, self._expect, name)
        self._number = number if self._number is None else min(self._number, hello.models - 1)
        session.decoder.forget()
        self._stale = False
        return hello


def named(fault: Faulted, build: Build | None, number: int = 0) -> Faulted:
    """The fault, with the name that the build of model `number` gives the layer."""
    layers = () if build is None or fault.model != number else build.layers
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
    limit: float | None = None,
    retry: float = 0.25,
    clock_hz: int | None = None,
) -> Device:
    """Greet the firmware at the other end of `transport`, which is closed when that fails.

    expect: the build; firmware of any other build is refused. timeout: seconds until the hello.
    limit, retry: as in link.Session. clock_hz: of the chip, None for an emulator (patience.py), which also
    decides the limit that is not given. DeviceError says which of the usual causes it was.
    """
    if limit is None:
        limit = AT_LEAST_EMULATED if clock_hz is None else AT_LEAST
    try:
        return Device(Session(transport, limit=limit, retry=retry), expect, timeout, clock_hz)
    except BaseException:
        transport.close()
        raise


def _hello(session: Session, limit: float) -> bytes:
    try:
        return session.hello(limit)
    except Silent as error:
        raise _why_silent(session, limit) from error


def _why_silent(session: Session, limit: float) -> DeviceError:
    name, decoder = session.transport.name, session.decoder
    if session.fault is not None:
        return DeviceError(f"{name}: no hello; {session.fault}", session.fault.hint)
    if session.foreign or session.late:
        return DeviceError(
            f"{name}: {session.foreign + session.late} frames, but no answer to hello in {limit:g} s",
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


def _known(value: int) -> int | None:
    return None if value == _UNKNOWN else value
