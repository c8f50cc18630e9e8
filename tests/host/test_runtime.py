# SPDX-License-Identifier: Apache-2.0
"""Takes the C runtime as a process of this machine, under sanitizers, shows that it does what link.h says."""

from __future__ import annotations

import os
import random
import shutil
import signal
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import builds
from tests import runtime_toy as toy
from tests.conftest import lacking
from tests.faulty import Faulty, Noise
from tinyedge import transport
from tinyedge.build import ModelFile
from tinyedge.errors import DeviceError, ToolMissing
from tinyedge.line.device import Device, connect
from tinyedge.line.frames import Decoder, Frame, Type, encode
from tinyedge.line.link import Refused, Transport
from tinyedge.transport import exec as exec_transport


@pytest.fixture(scope="session")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy with the host port, under the address and undefined-behaviour sanitizers."""
    if shutil.which("gcc") is None:
        lacking("gcc is not installed (apt-get install gcc)")
    return toy.build("host", tmp_path_factory.mktemp("toy"), "gcc", toy.SANITIZE).elf


def _open(firmware: Path) -> exec_transport.Pipe:
    return exec_transport.open_url(f"exec://{firmware}")


@pytest.fixture
def device(firmware: Path) -> Iterator[Device]:
    with connect(_open(firmware), expect=toy.EXPECT) as device:
        yield device


def test_hello_tells_what_it_is(device: Device) -> None:
    hello, model = device.hello, device.model
    assert (hello.tool, hello.board, hello.model) == ("0.1.0", "toy-board", "toy and other")
    assert (model.name, model.arena_size, model.state_size) == ("toy", toy.ARENA, toy.STATE)
    assert (model.layers, model.inputs, model.outputs) == (4, 1, 1)
    assert (hello.tick_unit, hello.units_per_tick) == ("ns", 1.0)


def test_write_run_read(device: Device) -> None:
    data = bytes(range(toy.SIZE))
    place = device.tensor(0)
    assert (place.offset, place.size) == (toy.INPUT, toy.SIZE)
    device.write(place.offset, data)
    assert device.run() > 0
    assert int.from_bytes(device.read(0, 4), "little") == toy.fold(0, data)


def test_the_counter_runs_at_its_rate(device: Device) -> None:
    first = device.ticks()
    time.sleep(0.05)
    seconds = (device.ticks() - first) / device.hello.ticks_hz
    assert 0.05 <= seconds < 1.0


def test_the_whole_arena_goes_there_and_back(device: Device) -> None:
    data = random.Random(3).randbytes(toy.ARENA)
    device.write(0, data)
    assert device.read(0, toy.ARENA) == data
    device.write(0, bytes(toy.ARENA))
    assert device.read(0, toy.ARENA) == bytes(toy.ARENA)


def test_layers_run_one_by_one(device: Device) -> None:
    device.run(1, 3)
    assert device.read(0, 4) == bytes(4)
    device.run(0, 1)
    assert int.from_bytes(device.read(0, 4), "little") == toy.fold(0, bytes(toy.SIZE))


def test_memory_and_self_test(device: Device) -> None:
    memory = device.memory()
    assert (memory.static, memory.stack_size, memory.stack_high_water) == (None, None, None)
    device.self_test()


def test_reset_starts_anew(device: Device) -> None:
    device.write(0, b"\1\2\3\4")
    device.reset()
    assert device.read(0, 4) == bytes(4)


LEAVES = [
    (toy.BEFORE, "before the arena"),
    (toy.BEHIND, "behind the arena"),
    (toy.STATE_BEFORE, "before its state"),
    (toy.STATE_BEHIND, "behind its state"),
]


@pytest.mark.parametrize(("what", "where"), LEAVES)
def test_a_layer_that_leaves_its_memory_is_caught(device: Device, what: int, where: str) -> None:
    device.write(toy.MISBEHAVE, bytes([what]))
    with pytest.raises(DeviceError, match=f"wrote {where}"):
        device.run()
    device.write(toy.MISBEHAVE, b"\0")
    assert device.run() > 0


def test_what_is_out_of_range_is_refused_by_host_and_device(device: Device) -> None:
    with pytest.raises(ValueError, match="arena of 8003"):
        device.read(toy.ARENA, 1)
    with pytest.raises(ValueError, match="the model has 4"):
        device.run(0, 5)
    for type, payload in [
        (Type.READ, placed(0, 1, toy.ARENA)),
        (Type.READ, placed(0, 2, 0xFFFFFFFF)),
        (Type.WRITE, placed(0, 0, toy.ARENA - 1) + b"xy"),
        (Type.INFER, placed(0, 0, toy.ARENA - 1) + b"xy"),
        (Type.RUN, placed(0, 0, 5)),
        (Type.RUN, placed(0, 2, 1)),
        (Type.RUN, placed(2, 0, 1)),
        (Type.TENSOR, numbers(0, 2)),
        (Type.TENSOR, numbers(2, 0)),
        (Type.MODEL, numbers(2, 0)),
        (Type.RESET_STATE, numbers(0xFFFF, 0)),
    ]:
        device._session.hello(5)
        with pytest.raises(Refused, match="out of range"):
            device._session.call(type, payload)
    for type, payload in [
        (Type.READ, placed(0, 1025, 0)),
        (Type.READ, placed(0, 1, 0) + b"\0"),
        (Type.RUN, numbers(0, 0)),
        (Type.MEMORY, b"\0"),
        (Type.WRITE, placed(0, 0, 0)[:-1]),
        (Type.INFER, placed(0, 0, 0)[:-1]),
        (Type.MODEL, b""),
        (Type.RESET_STATE, b"\0\0"),
    ]:
        device._session.hello(5)
        with pytest.raises(Refused, match="wrong length"):
            device._session.call(type, payload)
    for number in (0, Type.INFER + 1, 0x55, 0x7F):
        device._session.hello(5)
        with pytest.raises(Refused, match="does not know"):
            device._session.call(number)


def test_after_an_error_nothing_of_the_window_is_executed(device: Device) -> None:
    session = device._session
    session.post(Type.WRITE, placed(0, 0, toy.ARENA) + b"x")
    with pytest.raises(Refused, match=r"WRITE: .*out of range"):
        session.post(Type.WRITE, placed(0, 0, 0) + b"never")
        session.flush()
    session.hello(5)
    assert session.call(Type.READ, placed(0, 5, 0)) == bytes(5)


def test_another_build_is_refused_and_named(firmware: Path) -> None:
    other = builds.make(build_id=16 * "b", model=ModelFile("kws", 64 * "a", "model.tflite"))
    with pytest.raises(
        DeviceError, match="model toy 0123456789abcdef and other 123456789abcdef0, not kws aaaaaaaaaaaaaaaa"
    ) as caught:
        connect(_open(firmware), expect=other)
    assert "flash" in caught.value.hint


class Raw:
    """The firmware's line without any rules."""

    def __init__(self, line: Transport) -> None:
        self.line = line
        self._decoder = Decoder()

    def say(self, wire: bytes, wait: float = 2.0) -> list[Frame]:
        """Send bytes, give the first frames that come back."""
        self.line.write(wire)
        end = time.monotonic() + wait
        while time.monotonic() < end:
            if got := self._decoder.feed(self.line.read(end - time.monotonic())):
                return got
        return []


@pytest.fixture
def raw(firmware: Path) -> Iterator[Raw]:
    line = _open(firmware)
    yield Raw(line)
    line.close()


def numbers(model: int, number: int) -> bytes:
    """The payload of a request to a model, as link.h has it."""
    return struct.pack("<HH", model, number)


def placed(model: int, number: int, place: int) -> bytes:
    return struct.pack("<HHI", model, number, place)


HELLO = encode(Frame(7, 0, Type.HELLO, b"once"))


def test_a_repeated_request_is_answered_again_and_not_executed(raw: Raw) -> None:
    assert raw.say(HELLO)[0].type == Type.HELLO | Type.ANSWER
    run = encode(Frame(7, 1, Type.RUN, placed(0, 0, 1)))
    assert raw.say(run) == raw.say(run)
    state = raw.say(encode(Frame(7, 2, Type.READ, placed(0, 4, 0))))[0].payload
    assert int.from_bytes(state, "little") == toy.fold(0, bytes(toy.SIZE))


def test_a_request_too_early_or_too_late_is_refused_with_the_expected_number(raw: Raw) -> None:
    raw.say(HELLO)
    for seq in range(1, 5):
        raw.say(encode(Frame(7, seq, Type.WRITE, placed(0, 0, 0))))
    for seq in (2, 6, 0x8000):
        assert raw.say(encode(Frame(7, seq, Type.WRITE, placed(0, 0, 0)))) == [
            Frame(7, seq, Type.NAK, b"\5\0")
        ]
    assert raw.say(HELLO) == [Frame(7, 0, Type.NAK, b"\5\0")]  # a late copy does not begin the session again


def test_requests_without_a_session_are_told_so(raw: Raw) -> None:
    assert raw.say(encode(Frame(9, 3, Type.READ, placed(0, 1, 0)))) == [
        Frame(9, 3, Type.ERROR, bytes([5, 0, 3, 0, 0, 0, 0, 0]))
    ]
    raw.say(HELLO)
    assert raw.say(encode(Frame(9, 1, Type.MEMORY)), wait=0.2) == []  # a straggler of another session


def test_half_a_frame_is_dropped_in_time(raw: Raw) -> None:
    raw.line.write(HELLO[:10])
    time.sleep(1.2)
    assert (
        raw.say(HELLO[1:])[0].type == Type.HELLO | Type.ANSWER
    )  # without the zero that would have cleaned up


def test_garbage_never_upsets_the_frame_parser(raw: Raw) -> None:
    dice = random.Random(11)
    alphabet = (bytes(range(256)), b"\0\1\2\xff\xfe", b"\0\1", b"\xff")
    for _ in range(40):
        burst = bytearray()
        for _ in range(100):
            size = dice.choice((0, 1, 5, 30, 300, 1400))
            burst += bytes(dice.choices(dice.choice(alphabet), k=size)) + b"\0" * dice.randrange(2)
        for answer in raw.say(bytes(burst) + encode(Frame(0, 1, 0x77)), wait=5):
            assert answer.type == Type.ERROR
    assert raw.say(HELLO)[0].type == Type.HELLO | Type.ANSWER


def test_whole_frames_with_random_contents_never_upset_the_commands(raw: Raw) -> None:
    dice = random.Random(12)
    raw.say(HELLO)
    expected = 1
    for turn in range(3000):
        type = dice.choice((dice.randrange(256), *range(2, 14)))
        if type in (Type.RESET, Type.HELLO):
            continue
        payload = dice.randbytes(dice.choice((0, 3, 4, 4, 7, 8, 8, 9, dice.randrange(1025))))
        if payload and dice.random() < 0.7:
            place = dice.randrange(5 if type == Type.RUN else toy.ARENA)
            payload = placed(dice.randrange(3), dice.randrange(5), place)[: len(payload)] + payload[8:]
        if type in (Type.RUN, Type.INFER):
            # Runs with an arena of random bytes would do what the toy's layer 1 is there for.
            raw.say(encode(Frame(7, expected, Type.WRITE, placed(0, 0, 4) + bytes(5))))
            expected += 1
        if type == Type.INFER and int.from_bytes(payload[4:8], "little") <= 8:
            continue  # it would bring them itself
        answers = raw.say(encode(Frame(7, expected, type, payload)))
        assert [a.seq for a in answers] == [expected], turn
        expected += 1
        if answers[0].type == Type.ERROR:
            assert raw.say(encode(Frame(7, expected, Type.HELLO, dice.randbytes(4))))
            expected += 1


NOISES = {
    "drop": Noise(drop=4e-4),
    "double": Noise(double=4e-4),
    "flip": Noise(flip=4e-4),
    "garbage": Noise(garbage=4e-4),
    "delay": Noise(delay=0.2),
    "repeat": Noise(repeat=0.3),
    "all": Noise(drop=1e-4, double=1e-4, flip=1e-4, garbage=1e-4, delay=0.1, repeat=0.1),
}


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("seed", range(2))
def test_over_a_bad_line_everything_happens_once_and_in_order(firmware: Path, kind: str, seed: int) -> None:
    line = Faulty(_open(firmware), seed, NOISES[kind])
    dice = random.Random(seed)
    with connect(line, expect=toy.EXPECT, timeout=20, limit=10, retry=0.005) as device:
        state = 0
        for _ in range(25):
            data = dice.randbytes(toy.SIZE)
            device.write(toy.INPUT, data)
            filler = dice.randbytes(dice.choice((100, 3000, 7000)))
            device.write(1000, filler)
            device.run(0, 1)
            state = toy.fold(state, data)
            assert int.from_bytes(device.read(0, 4), "little") == state
            assert device.read(1000, len(filler)) == filler
    assert line.mishaps > 0


@pytest.mark.parametrize("noise", [Noise(flip=0.05), Noise(drop=1.0), Noise(drop=0.02, garbage=0.02)])
def test_over_a_hopeless_line_it_ends_in_time(firmware: Path, noise: Noise) -> None:
    start = time.monotonic()
    line = Faulty(_open(firmware), 5, noise)
    with pytest.raises(DeviceError), connect(line, timeout=1.0, limit=1.0, retry=0.01) as device:
        for _ in range(100):
            device.write(0, bytes(5000))
            device.read(0, 5000)
    assert time.monotonic() - start < 20


def test_a_killed_process_is_said(firmware: Path) -> None:
    line = _open(firmware)
    with connect(line) as device:
        os.kill(line._child.pid, signal.SIGKILL)
        with pytest.raises(DeviceError, match=r"firmware\.elf was killed by signal 9"):
            device.run()


def test_a_process_that_traps_is_said(device: Device) -> None:
    device.write(toy.MISBEHAVE, bytes([toy.TRAP]))
    with pytest.raises(DeviceError, match=r"firmware\.elf (was killed by signal|ended with exit code)"):
        device.run()


def test_a_run_without_end_ends_in_time_and_leaves_no_process(firmware: Path) -> None:
    line = _open(firmware)
    with connect(line) as device:
        device.write(toy.MISBEHAVE, bytes([toy.FOR_EVER]))
        with pytest.raises(DeviceError, match="no answer to RUN"):
            device.run(limit=0.5)
    assert not line._child.running()


def test_a_program_that_ends_at_once_is_said_with_its_last_line(tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho 'cannot find the sensor' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(DeviceError, match="broken ended with exit code 3: cannot find the sensor"):
        connect(_open(program), timeout=5)


def test_a_missing_program_is_a_missing_tool() -> None:
    with pytest.raises(ToolMissing, match=r"cannot find /nowhere/firmware\.elf"):
        transport.open("exec:///nowhere/firmware.elf")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo terminals")
def test_over_a_serial_port(firmware: Path) -> None:
    """Both ends of a pseudo terminal stand for a cable: pyserial at one, the firmware at the other."""
    import subprocess
    import tty

    ours, theirs = os.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    path = os.ttyname(theirs)
    process = subprocess.Popen([str(firmware)], stdin=ours, stdout=ours)
    try:
        with connect(transport.open(path, baud=115200), expect=toy.EXPECT) as device:
            assert device._session.transport.bytes_per_second == 11520
            device.write(1000, bytes(range(256)) * 20)
            assert device.read(1000, 5120) == bytes(range(256)) * 20
            with pytest.raises(DeviceError, match="is busy"):
                transport.open(path)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)
