# SPDX-License-Identifier: Apache-2.0
"""Takes frames and lines of every kind, shows that the host's side of the link copes."""

from __future__ import annotations

import functools
import random
import socket
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faulty import Silence
from tinyedge import transport
from tinyedge.errors import DeviceError, UsageError
from tinyedge.line.device import connect
from tinyedge.line.frames import PAYLOAD, PROTOCOL, Decoder, Frame, Type, decode, encode
from tinyedge.line.link import Faulted, Refused, Session

frames = st.builds(
    Frame,
    session=st.integers(0, 255),
    seq=st.integers(0, 0xFFFF),
    type=st.integers(0, 255),
    payload=st.one_of(st.binary(max_size=PAYLOAD), st.integers(0, PAYLOAD).map(bytes)),
)


@given(frames)
def test_a_frame_comes_back_as_it_was(frame: Frame) -> None:
    assert Decoder().feed(encode(frame)) == [frame]


@given(st.lists(frames, max_size=4), st.binary(max_size=200), st.integers(1, 50))
def test_frames_are_found_in_noise_and_in_pieces(sent: list[Frame], noise: bytes, step: int) -> None:
    wire = noise + b"\0" + b"".join(encode(frame) for frame in sent)
    decoder = Decoder()
    found = [frame for at in range(0, len(wire), step) for frame in decoder.feed(wire[at : at + step])]
    assert found[len(found) - len(sent) :] == sent


@given(frames, st.data())
def test_one_wrong_bit_is_never_a_frame(frame: Frame, data: st.DataObject) -> None:
    wire = bytearray(encode(frame).strip(b"\0"))
    bit = data.draw(st.integers(0, 8 * len(wire) - 1))
    wire[bit // 8] ^= 1 << bit % 8
    assert decode(bytes(wire)) is None


def test_a_frame_longer_than_the_rules_allow_is_dropped_and_memory_stays_bounded() -> None:
    decoder = Decoder()
    assert decoder.feed(b"\1" * 10_000_000 + b"\0") == []
    assert decoder.damaged == 1
    frame = Frame(1, 2, 3, b"after it")
    assert decoder.feed(encode(frame)) == [frame]
    with pytest.raises(ValueError, match="1025"):
        encode(Frame(1, 2, 3, bytes(PAYLOAD + 1)))


class Scripted:
    """A line whose other end is a function from a request to the frames that come back.

    Time passes only while it is silent and somebody waits, so that a busy machine changes nothing.
    """

    name = "scripted"
    bytes_per_second = None

    def __init__(self, answer: Callable[[Frame], list[Frame]]) -> None:
        self.answer = answer
        self.sent: list[Frame] = []
        self._decoder = Decoder()
        self._back = b""
        self.now = 0.0

    def read(self, timeout: float) -> bytes:
        data, self._back = self._back, b""
        if not data:
            self.now += max(timeout, 1e-6)
        return data

    def write(self, data: bytes) -> None:
        for frame in self._decoder.feed(data):
            self.sent.append(frame)
            self._back += b"".join(encode(back) for back in self.answer(frame))

    def close(self) -> None:
        pass


def _ok(frame: Frame, payload: bytes = b"") -> Frame:
    if frame.type == Type.HELLO and not payload:
        payload = bytes(4) + frame.payload
    return Frame(frame.session, frame.seq, frame.type | Type.ANSWER, payload)


def _session(answer: Callable[[Frame], list[Frame]]) -> tuple[Session, Scripted]:
    line = Scripted(answer)
    session = Session(line, limit=0.4, retry=0.01, clock=lambda: line.now)
    session.hello(1.0)
    session.set_credit(4000)
    return session, line


def test_an_answer_acknowledges_everything_before_it() -> None:
    session, line = _session(lambda f: [_ok(f)] if f.type in (Type.HELLO, Type.READ) else [])
    session.post(Type.WRITE, b"a")
    session.post(Type.WRITE, b"b")
    session.call(Type.READ, b"c")
    assert [f.payload for f in line.sent[1:]] == [b"a", b"b", b"c"]
    assert session.resent == 0


def test_the_window_stays_within_the_credit() -> None:
    waiting: list[Frame] = []

    def answer(frame: Frame) -> list[Frame]:
        if frame.type == Type.HELLO:
            return [_ok(frame)]
        waiting.append(frame)
        assert sum(len(encode(f)) for f in waiting) <= 4000
        if len(waiting) < 3:
            return []
        done = [_ok(f) for f in waiting]
        waiting.clear()
        return done

    session, _ = _session(answer)
    for _ in range(9):
        session.post(Type.WRITE, b"x" * 1024)
    session.flush()
    assert session.resent == 0


def test_a_gap_makes_the_window_go_back_once() -> None:
    dropped = False

    def answer(frame: Frame) -> list[Frame]:
        nonlocal dropped
        if frame.type == Type.HELLO:
            return [_ok(frame)]
        if not dropped and frame.seq == 1:
            dropped = True
            return []
        if len(line.sent) <= 4:
            return [Frame(frame.session, frame.seq, Type.NAK, (1).to_bytes(2, "little"))]
        return [_ok(frame)]

    session, line = _session(answer)
    for text in (b"1", b"2", b"3"):
        session.post(Type.WRITE, text)
    session.flush()
    assert [f.payload for f in line.sent[1:]] == [b"1", b"2", b"3", b"1", b"2", b"3"]


def test_seq_numbers_wrap() -> None:
    session, line = _session(lambda f: [_ok(f)])
    session._seq = 0xFFFE
    for _ in range(4):
        session.post(Type.WRITE, b"")
    session.flush()
    assert [f.seq for f in line.sent[1:]] == [0xFFFE, 0xFFFF, 0, 1]


def test_an_error_names_the_request_that_failed() -> None:
    def answer(frame: Frame) -> list[Frame]:
        if frame.type == Type.HELLO:
            return [_ok(frame)]
        return [Frame(frame.session, frame.seq, Type.ERROR, bytes([3, 0, 1, 0, 0x39, 0x30, 0, 0]))]

    session, _ = _session(answer)
    session.post(Type.WRITE, b"")
    with pytest.raises(Refused, match=r"WRITE.*out of range.*0x3039"):
        session.call(Type.READ)


def test_a_fault_frame_tells_where() -> None:
    record = b"".join(word.to_bytes(4, "little") for word in (0x1234, 0x5678, 0x100, 0x60000000, 7))

    def answer(frame: Frame) -> list[Frame]:
        return [_ok(frame) if frame.type == Type.HELLO else Frame(frame.session, 0, Type.FAULT, record)]

    session, _ = _session(answer)
    with pytest.raises(Faulted, match=r"layer 7.*0x00001234.*0x60000000") as caught:
        session.call(Type.RUN)
    assert caught.value.layer == 7


def test_a_device_that_falls_silent_ends_the_wait_in_time() -> None:
    session, line = _session(lambda f: [_ok(f)] if f.type == Type.HELLO else [])
    with pytest.raises(DeviceError, match="no answer to RUN"):
        session.call(Type.RUN)
    assert 0.4 <= line.now < 0.5


def test_random_answers_never_hang_or_crash_the_session() -> None:
    dice = random.Random(1)

    def answer(frame: Frame) -> list[Frame]:
        if frame.type == Type.HELLO:
            return [_ok(frame)]
        session = dice.choice((frame.session, dice.randrange(256)))
        seq = (frame.seq + dice.randrange(-3, 4)) & 0xFFFF
        kind = dice.choice((frame.type | Type.ANSWER, Type.NAK, Type.ERROR, Type.FAULT, dice.randrange(256)))
        return [Frame(session, seq, kind, dice.randbytes(dice.choice((0, 2, 7, 20, 40))))]

    for _ in range(30):
        session, _ = _session(answer)
        session.limit = 0.05
        try:
            for _ in range(10):
                session.post(Type.WRITE, b"1234")
            session.call(Type.READ)
        except DeviceError:
            pass


def test_no_bytes_at_all_is_said() -> None:
    line = Silence()
    with pytest.raises(DeviceError, match=r"a test line: no bytes at all in 0\.2 s"):
        connect(line, timeout=0.2)
    assert line.closed


def test_bytes_without_a_hello_are_shown() -> None:
    with pytest.raises(DeviceError, match=r"3 bytes .* no hello; they begin b'\\x92") as caught:
        connect(Silence(b"\x92\xe0\xfe"), timeout=0.2)
    assert "baud" in caught.value.hint


def test_frames_for_somebody_else_are_said() -> None:
    with pytest.raises(DeviceError, match="1 frames, but no answer to hello"):
        connect(Silence(encode(Frame(0, 5, Type.READ | Type.ANSWER, b"x"))), timeout=0.2)


def test_a_fault_while_starting_is_said() -> None:
    record = b"".join(word.to_bytes(4, "little") for word in (0x1234, 0, 0, 0, 0xFFFFFFFF))
    with pytest.raises(DeviceError, match="no hello; the firmware faulted outside the model: pc 0x00001234"):
        connect(Silence(encode(Frame(0, 0, Type.FAULT, record))), timeout=0.2)


def test_a_hello_of_another_protocol_is_refused() -> None:
    with pytest.raises(DeviceError, match="a hello of another form"):
        connect(Scripted(lambda f: [_ok(f, bytes([PROTOCOL, 0, 0, 4]) + f.payload)]), timeout=0.5)

    def other(frame: Frame, protocol: int) -> list[Frame]:
        return [_ok(frame, bytes([protocol, 0, 0, 4]) + frame.payload + bytes(20) + b"9.9\0b\0")]

    for protocol in (PROTOCOL - 1, PROTOCOL + 1):
        with pytest.raises(DeviceError, match=f"speaks protocol {protocol}, this is {PROTOCOL}"):
            connect(Scripted(functools.partial(other, protocol=protocol)), timeout=0.5)


def test_an_interrupt_while_connecting_closes_the_line() -> None:
    class Interrupted(Silence):
        def read(self, timeout: float) -> bytes:
            raise KeyboardInterrupt

    line = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        connect(line)
    assert line.closed


def test_an_unknown_scheme_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no transport for telnet://x") as caught:
        transport.open("telnet://x")
    assert "rfc2217://" in caught.value.hint
    assert "socket://" in caught.value.hint


def test_a_url_without_a_port_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="names no host and port"):
        transport.open("socket://localhost")


def test_a_closed_tcp_port_is_a_device_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DeviceError, match=f"cannot connect to socket://127.0.0.1:{port}"):
        transport.open(f"socket://127.0.0.1:{port}")


def test_a_tcp_server_that_goes_away_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = transport.open(f"socket://127.0.0.1:{server.getsockname()[1]}")
        server.accept()[0].close()
        with pytest.raises(DeviceError, match="is gone: the other end closed it"):
            connect(line, timeout=1.0)


def test_a_missing_serial_port_is_said() -> None:
    with pytest.raises(DeviceError, match="there is no port /dev/ttyNOWHERE"):
        transport.open("/dev/ttyNOWHERE", baud=115200)
    with pytest.raises(DeviceError, match=r"no port matches /dev/ttyNOWHERE\*"):
        transport.open("/dev/ttyNOWHERE*")
    with pytest.raises(DeviceError, match="no port matches ffff:fffe"):
        transport.open("ffff:fffe")


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (OSError(16, "Device or resource busy"), "is busy", "close the program"),
        (OSError(13, "Permission denied"), "belongs to the group", "usermod -aG"),
        (OSError(5, "Input/output error"), "cannot open", ""),
    ],
)
def test_why_a_serial_port_does_not_open(error: OSError, message: str, hint: str) -> None:
    from tinyedge.transport.serial import _cannot_open

    said = _cannot_open("/dev/ttyUSB0", error)
    assert message in str(said)
    assert hint in said.hint
