# SPDX-License-Identifier: Apache-2.0
"""Takes requests and a byte pipe, gives their answers: each done once and in order, or an error in time.

The protocol, its window and its errors are described in firmware/runtime/link.h; this is the host's side.
"""

from __future__ import annotations

import secrets
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tinyedge.errors import DeviceError
from tinyedge.line.frames import PAYLOAD, Decoder, Frame, Type, encode

RETRY = 0.25  # s without an answer until the newest request is sent again
_RETRY_MOST = 8  # times that
_ERROR = struct.Struct("<BxHI")
_FAULT = struct.Struct("<5I")
_NO_LAYER = 0xFFFFFFFF
_ONE_FRAME = len(encode(Frame(0, 0, 0, bytes(PAYLOAD))))


class Transport(Protocol):
    """A byte pipe to a device."""

    @property
    def name(self) -> str:
        """What the user knows it by."""
        ...

    @property
    def bytes_per_second(self) -> float | None:
        """How fast it is, None where nobody can say."""
        ...

    def read(self, timeout: float) -> bytes:
        """Bytes as soon as there are any, b"" after `timeout` seconds; DeviceError when the pipe is gone."""
        ...

    def write(self, data: bytes) -> None:
        """Send all of `data`, in bounded time; DeviceError when the pipe is gone."""
        ...

    def close(self) -> None:
        """Give back what the pipe holds (port, process); may be called again."""
        ...


@runtime_checkable
class Tunable(Protocol):
    """A transport whose rate can be changed while it is open: a serial port."""

    @property
    def baud(self) -> int:
        """Bit/s."""
        ...

    def retune(self, baud: int) -> None:
        """Go on at another rate; DeviceError when the port cannot."""
        ...


@runtime_checkable
class Simulated(Protocol):
    """A transport to a simulator that knows how slow it is."""

    @property
    def instructions_per_second(self) -> float:
        """At least, of this machine's time, on a busy one."""
        ...


class Refused(DeviceError):
    """The device answered with an error: `code` is one of link.h's TE_E*, `type` that of the request."""

    def __init__(self, type: int, code: int, detail: int) -> None:
        self.type, self.code, self.detail = type, code, detail
        what = Type(type).name if type in Type.__members__.values() else f"request {type:#x}"
        super().__init__(f"the device refused {what}: {_MEANINGS.get(code, f'error {code}')} ({detail:#x})")


_MEANINGS = {
    1: "it does not know this request",
    2: "the payload has a wrong length",
    3: "offset, index, layer or model is out of range",
    4: "the run wrote outside its memory",
    5: "it has restarted since the session began",
}
RESTARTED = 5


class Faulted(DeviceError):
    """The chip faulted: addresses of the instruction, of its caller and of what it touched (0 = unknown).

    `layer` and `model` are the numbers of what was running, `layer` None when nothing was; they come as one
    word, the model in its upper half. `status` is the chip's own cause.
    """

    def __init__(self, pc: int, lr: int, status: int, address: int, layer: int) -> None:
        self.pc, self.lr, self.status, self.address = pc, lr, status, address
        self.layer = None if layer == _NO_LAYER else layer & 0xFFFF
        self.model = layer >> 16
        of = f" of model {self.model}" if self.model else ""
        where = "outside the model" if self.layer is None else f"in layer {self.layer}{of}"
        super().__init__(
            f"the firmware faulted {where}: pc {pc:#010x}, lr {lr:#010x}, status {status:#010x}, "
            f"address {address:#010x}",
            f"addr2line -f -e firmware.elf {pc:#x} {lr:#x} names the functions",
        )


def fault(payload: bytes) -> Faulted | None:
    """What a FAULT frame tells; None when it is of another length."""
    return Faulted(*_FAULT.unpack(payload)) if len(payload) == _FAULT.size else None


class Silent(DeviceError):
    """The device did not answer in time."""


@dataclass
class _Request:
    frame: Frame
    wire: bytes
    wanted: bool  # its answer carries data; it is the newest in flight then
    answer: Frame | None = None


class Session:
    """A window of requests over a transport.

    `limit` is how long the device may say nothing about what it was asked, in seconds; `retry` how long an
    answer may take before the newest request is sent again (it doubles each time in vain, up to 8 times).
    After an exception only `hello` may be called.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        limit: float = 5.0,
        retry: float = RETRY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.transport = transport
        self.limit = limit
        self.decoder = Decoder()
        self.resent = 0  # frames sent more than once
        self.foreign = 0  # whole frames that were not for us
        self.late = 0  # answers to what nobody asks any more
        self.fault: Faulted | None = None  # the latest that came, of whatever session
        self._clock = clock
        self._retry = retry
        self._wait = retry
        self._number = secrets.randbelow(255)
        self._seq = 0
        self._credit = 0
        self._window: deque[_Request] = deque()
        self._refusal: int | None = None  # how far ahead of the gap the frame of the latest NAK was

    def hello(self, limit: float) -> bytes:
        """Start a new session, give the answer's payload."""
        self._number = self._number % 255 + 1
        self._window.clear()
        self._seq = 0
        self._credit = 0
        return self.call(Type.HELLO, secrets.token_bytes(4), limit)

    def set_credit(self, credit: int) -> None:
        """Let `credit` wire bytes be in flight; one frame is always allowed."""
        self._credit = credit

    def post(self, type: int, payload: bytes) -> None:
        """Send a request whose answer says nothing but that it was done; does not wait for it.

        An error that it leads to is raised by a later call.
        """
        self._submit(type, payload, wanted=False)

    def call(self, type: int, payload: bytes = b"", limit: float | None = None) -> bytes:
        """Send a request, give the payload of its answer; everything posted before is done by then."""
        request = self._submit(type, payload, wanted=True)
        while request.answer is None:
            self._wait_for_progress(self.limit if limit is None else limit)
        return request.answer.payload

    def flush(self) -> None:
        """Wait until everything posted is done."""
        while self._window:
            self._wait_for_progress(self.limit)

    def _submit(self, type: int, payload: bytes, wanted: bool) -> _Request:
        frame = Frame(self._number, self._seq, type, payload)
        request = _Request(frame, encode(frame), wanted)
        while self._window and self._in_flight() + len(request.wire) > self._credit:
            self._wait_for_progress(self.limit)
        self._seq = (self._seq + 1) & 0xFFFF
        self._window.append(request)
        self.transport.write(request.wire)
        return request

    def _in_flight(self) -> int:
        return sum(len(request.wire) for request in self._window)

    def _wait_for_progress(self, limit: float) -> None:
        """Return when at least one request has been answered; send again as often as it takes."""
        waiting = len(self._window)
        start = sent = self._clock()
        while len(self._window) == waiting:
            now = self._clock()
            on_the_wire = self._time_on_the_wire()
            if now - start >= limit + on_the_wire:
                raise self._silence(now - start)
            patience = self._wait + on_the_wire
            if now - sent >= patience:
                self._send_again(len(self._window) - 1)
                self._refusal = None
                sent = now
                self._wait = min(2 * self._wait, _RETRY_MOST * self._retry)
            data = self.transport.read(max(0.0, min(sent + patience, start + limit + on_the_wire) - now))
            for frame in self.decoder.feed(data):
                self._take(frame)
        self._wait = max(self._retry, self._wait / 2)

    def _time_on_the_wire(self) -> float:
        speed = self.transport.bytes_per_second
        return 2 * self._in_flight() / speed if speed else 0.0

    def _send_again(self, first: int) -> None:
        requests = list(self._window)[first:]
        self.resent += len(requests)
        self.transport.write(b"".join(request.wire for request in requests))

    def _take(self, frame: Frame) -> None:
        told = fault(frame.payload) if frame.type == Type.FAULT else None
        if told is not None:
            self._faulted(told, frame.session)
            return
        place = self._place(frame.seq)
        if frame.session != self._number:
            self.foreign += 1
        elif frame.type == Type.NAK and len(frame.payload) == 2:
            self._refused(frame.seq, int.from_bytes(frame.payload, "little"))
        elif place is None:
            self.late += 1  # the second copy of an answer, or a device that is behind
        elif frame.type == Type.ERROR and len(frame.payload) == _ERROR.size:
            self._failed(frame, place)
        elif self._answers(frame, self._window[place].frame):
            self._window[place].answer = frame
            self._done(place + 1)
        else:
            self.foreign += 1

    @staticmethod
    def _answers(frame: Frame, request: Frame) -> bool:
        # An old session may have had this one's number, but hardly its nonce.
        ours = request.type != Type.HELLO or frame.payload[4:8] == request.payload
        return ours and frame.type == request.type | Type.ANSWER

    def _faulted(self, fault: Faulted, session: int) -> None:
        self.fault = fault
        if session == self._number and self._window and self._window[0].frame.type != Type.HELLO:
            self._window.clear()
            raise fault

    def _place(self, seq: int) -> int | None:
        """Place in the window of the request with this seq."""
        if not self._window:
            return None
        place = (seq - self._window[0].frame.seq) & 0xFFFF
        return place if place < len(self._window) else None

    def _done(self, count: int) -> None:
        for _ in range(count):
            self._window.popleft()
        self._refusal = None

    def _refused(self, seq: int, expected: int) -> None:
        """The device got `seq` and waits for `expected`: everything before `expected` has been done."""
        done = (expected - self._window[0].frame.seq) & 0xFFFF if self._window else 0
        if done > len(self._window):
            return  # an old NAK
        # The answer of the newest may be what we wait for: it stays until it comes.
        last_wanted = done == len(self._window) and done > 0 and self._window[-1].wanted
        if done - last_wanted > 0:
            self._done(done - last_wanted)
        distance = (seq - expected) & 0xFFFF
        if not 0 < distance < 0x8000 or self._place(expected) != 0:
            return
        # The frames behind a gap all cause the same NAK, each with a higher seq: we go back at the first.
        # When seq falls, these are the frames that we sent again, and their first was lost too.
        again = self._refusal is None or distance <= self._refusal
        self._refusal = distance
        if again:
            self._send_again(0)

    def _failed(self, frame: Frame, place: int) -> None:
        code, first, detail = _ERROR.unpack(frame.payload)
        if code == RESTARTED and self._window[0].frame.type == Type.HELLO:
            return  # to a frame of an earlier session; our HELLO is still on its way
        culprit = self._place(first)
        type = self._window[place if culprit is None else culprit].frame.type
        self._window.clear()
        raise Refused(type, code, detail)

    def _silence(self, seconds: float) -> Silent:
        request = self._window[-1].frame
        self._window.clear()
        what = Type(request.type).name
        return Silent(
            f"{self.transport.name}: no answer to {what} for {seconds:.1f} s "
            f"({self.resent} frames sent again, {self.decoder.damaged} damaged ones received"
            + (f", {self.late} answers to earlier requests)" if self.late else ")"),
            "check the cable and the baud rate, then reset the board",
        )
