# SPDX-License-Identifier: Apache-2.0
"""Takes firmware on an emulated Cortex-M55, shows link, faults, guards, stack and ticks through a Device."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import runtime_toy as toy
from tests.conftest import lacking
from tests.faulty import Faulty, Noise
from tinyedge import board, transport
from tinyedge.errors import DeviceError, ToolMissing
from tinyedge.line.device import Device, connect
from tinyedge.line.frames import Frame, Type, encode
from tinyedge.line.link import Faulted
from tinyedge.toolchain import compilers
from tinyedge.transport.qemu import Emulator

MPS3 = board.load("mps3-an547")
STACK_GUARD = 1 << 20  # CFSR.STKOF


@pytest.fixture(scope="session", params=["zig", "gcc"])
def elf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    install = compilers.missing(MPS3, request.param)
    if install is not None:
        lacking(f"{request.param} is missing: {install}")
    return toy.build("mps3-an547", tmp_path_factory.mktemp(request.param), request.param).elf


@pytest.fixture
def device(elf: Path) -> Iterator[Device]:
    with connect(transport.open_board(MPS3, elf), expect=toy.EXPECT) as device:
        yield device


def test_the_whole_device_api(device: Device) -> None:
    hello = device.hello
    assert (hello.tick_unit, hello.units_per_tick) == ("instructions", 31.25)
    place = device.tensor(0)
    state = 0
    for frame in range(3):
        data = bytes((frame * 7 + i) & 255 for i in range(toy.SIZE))
        device.write(place.offset, data)
        ticks = device.run(0, 1)
        state = toy.fold(state, data)
        assert int.from_bytes(device.read(0, 4), "little") == state
        assert 2 < ticks < 100  # 64 rounds of about ten instructions, 31.25 in a tick
    memory = device.memory()
    assert memory.stack_size == MPS3.memory.stack if MPS3.memory else False
    assert memory.stack_high_water is not None and 50 < memory.stack_high_water < 1000
    assert memory.static is not None and toy.ARENA + 2048 < memory.static < toy.ARENA + 4096
    device.self_test()
    device.reset()
    assert device.read(0, 4) == bytes(4)


def test_the_same_run_takes_the_same_ticks(device: Device) -> None:
    assert len({device.run(0, 1) // 2 for _ in range(5)}) <= 2


def test_ticks_go_on_beyond_24_bits(device: Device) -> None:
    """SysTick wraps after 2**24 ticks, 524 million instructions; a run of that many is waited for."""
    device.write(toy.MISBEHAVE, bytes([toy.LONG]))
    assert 2**24 < device.run(1, 2, limit=60) < 2**26


def test_a_layer_that_leaves_the_arena_is_caught(device: Device) -> None:
    device.write(toy.MISBEHAVE, bytes([toy.BEHIND]))
    with pytest.raises(DeviceError, match="wrote behind the arena"):
        device.run()
    device.write(toy.MISBEHAVE, b"\0")
    device.run()


def test_a_fault_names_the_layer_and_the_device_lives_on(device: Device) -> None:
    device.write(toy.MISBEHAVE, bytes([toy.TRAP]))
    with pytest.raises(Faulted, match=r"in layer 1: pc .*\(layer 1 is misbehave\)") as caught:
        device.run()
    assert 0 < caught.value.pc < 0x80000
    assert device.read(0, 4) == bytes(4)  # restarted, arena cleared
    device.run()


def test_a_fault_whose_report_was_lost_is_told_again(elf: Path) -> None:
    line = transport.open_board(MPS3, elf)
    with connect(line) as device:
        device.write(toy.MISBEHAVE, bytes([toy.TRAP]))
        session = device._session
        session.flush()
        line.write(encode(Frame(session._number, session._seq, Type.RUN, struct.pack("<HHI", 0, 0, 3))))
        time.sleep(0.5)
        while line.read(0.2):
            pass
        with pytest.raises(Faulted, match="in layer 1"):
            device.memory()


def test_a_stack_that_overflows_is_a_fault(device: Device) -> None:
    device.write(toy.DIG, b"\1")
    with pytest.raises(Faulted, match="in layer 2") as caught:
        device.run()
    assert caught.value.status & STACK_GUARD


def test_over_a_bad_line(elf: Path) -> None:
    line = Faulty(transport.open_board(MPS3, elf), 1, Noise(drop=1e-3, flip=1e-3, double=1e-3, repeat=0.1))
    with connect(line, limit=20, retry=0.1) as device:
        state = 0
        for frame in range(10):
            data = bytes([frame]) * toy.SIZE
            device.write(toy.INPUT, data)
            device.run(0, 1)
            state = toy.fold(state, data)
            assert int.from_bytes(device.read(0, 4), "little") == state
    assert line.mishaps > 0


def test_a_killed_emulator_is_said(elf: Path) -> None:
    line = transport.open_board(MPS3, elf)
    assert isinstance(line, Emulator)
    with connect(line) as device:
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(line._child.pid)], capture_output=True, text=True, check=True
        )
        os.kill(int(children.stdout), signal.SIGKILL)
        with pytest.raises(DeviceError, match="qemu-system-arm ended with exit code 137"):
            device.run()


def test_an_emulator_that_does_not_start_is_said_with_its_reason(tmp_path: Path) -> None:
    image = tmp_path / "no.elf"
    with pytest.raises(DeviceError, match=r"qemu-system-arm ended with exit code 1: .*no\.elf"):
        connect(transport.open_board(MPS3, image))


def test_a_missing_emulator_names_the_command_that_installs_it(
    elf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolMissing, match="cannot find qemu-system-arm") as caught:
        transport.open_board(MPS3, elf)
    assert "apt-get install" in caught.value.hint


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_emulator_outlives_us(elf: Path, how: signal.Signals) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom tinyedge import board, transport\n"
        "from tinyedge.line.device import connect\n"
        "with connect(transport.open_board(board.load('mps3-an547'), Path(sys.argv[1]))) as device:\n"
        "    print(device._session.transport._child.pid, flush=True)\n"
        "    while True:\n        device.run()\n"
    )
    command = [sys.executable, "-c", script, str(elf)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        leash = int(process.stdout.readline())
        listed = ["ps", "-o", "pid=", "--ppid", str(leash)]
        emulator = int(subprocess.run(listed, capture_output=True, text=True, check=True).stdout)
        process.send_signal(how)
        process.wait(10)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in (leash, emulator)):
        assert time.monotonic() < deadline, "the emulator still runs"
        time.sleep(0.05)
