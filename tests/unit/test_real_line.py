# SPDX-License-Identifier: Apache-2.0
"""What the line of a real board brings: other rates, restarts, other firmware, a clock, text."""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest

from tests import builds
from tests.faulty import Silence
from tests.roms import line
from tests.roms.firmware import BANNER, BUILD, Firmware
from tinyedge import board as boards
from tinyedge import transport
from tinyedge.bench import ports
from tinyedge.board import Link, Ticks
from tinyedge.errors import DeviceError, UsageError
from tinyedge.judge import latency
from tinyedge.line import boot_text, clock
from tinyedge.line.clock import Frequency
from tinyedge.line.device import Restarted, connect
from tinyedge.line.frames import Frame, Type, encode
from tinyedge.line.hello import OtherBuild
from tinyedge.line.link import Faulted
from tinyedge.line.monitor import Event, Listener

posix = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal on Windows")


@posix
@pytest.mark.parametrize("rate", [921_600, 3_000_000])
def test_a_wrong_rate_is_found_and_named(rate: int) -> None:
    with line.pty(Firmware(), baud=rate) as device:
        with pytest.raises(
            DeviceError, match=f"no hello at the baud rate given, but one at {rate}"
        ) as caught:
            connect(transport.open(device, baud=230_400), BUILD, timeout=0.5)
        assert f"--baud {rate}" in caught.value.hint
        connect(transport.open(device, baud=rate), BUILD, timeout=5).close()


@posix
def test_a_line_without_modem_signals_can_be_reset_in_vain() -> None:
    with line.pty(Firmware()) as device:
        connect(transport.open(device, reset="dtr-rts"), BUILD, timeout=5).close()


def test_another_build_and_garbage_and_other_firmware_are_told_apart() -> None:
    with line.tcp(line.Cable(Firmware()).talk) as url, pytest.raises(OtherBuild, match="not 0000"):
        connect(transport.open(url), builds.make())
    with pytest.raises(DeviceError, match="but no hello; they begin") as caught:
        connect(Silence(bytes(range(128, 200))), timeout=0.2)
    assert "garbage as from another baud rate" in caught.value.hint
    with pytest.raises(DeviceError, match="they begin b'MicroPython") as caught:
        connect(Silence(b"MicroPython v1.27 on 2026-01-01\r\n>>> "), timeout=0.2)
    assert "other firmware" in caught.value.hint and "flash" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "words", "hint"),
    [
        (BANNER, "TG0WDT_SYS_RST", "watchdog"),
        (b"rst:0xf (RTCWDT_BROWN_OUT_RESET),boot:0x13\r\n", "0xf RTCWDT_BROWN_OUT_RESET", "supply"),
        (b"rst:0x15 (USB_UART_CHIP_RESET),boot:0x8\r\n", "USB_UART", "serial driver"),
        (
            b"rst:0x1 (POWERON),boot:0x4 (DOWNLOAD)\r\nwaiting for download\r\n",
            "waits for a download",
            "RESET",
        ),
        (b"invalid header: 0xffffffff\r\ninvalid header: 0xffffffff\r\n", "holds no image", "tinyedge flash"),
    ],
)
def test_a_boot_rom_that_speaks_instead_of_a_hello(said: bytes, words: str, hint: str) -> None:
    with pytest.raises(DeviceError, match=f"no hello in 0.2 s; the board says that .*{words}") as caught:
        connect(Silence(said), timeout=0.2)
    assert hint in caught.value.hint
    assert boot_text.find(b"rst:0x") is None


def test_a_restart_in_the_middle_of_a_run_is_named_by_the_boot_rom() -> None:
    with line.tcp(line.Cable(Firmware(restart="watchdog")).talk) as url:
        device = connect(transport.open(url), BUILD, limit=3.0, retry=0.05)
        with device, pytest.raises(Restarted, match=r"at the request RUN .*TG0WDT_SYS_RST") as caught:
            device.run()
    assert "watchdog" in caught.value.hint


def test_a_fault_in_the_middle_names_the_last_layer() -> None:
    with line.tcp(line.Cable(Firmware(restart="fault")).talk) as url:
        device = connect(transport.open(url), BUILD)
        with device, pytest.raises(Faulted, match="layer 1 is second"):
            device.run()


def test_the_clock_is_measured_against_the_hosts() -> None:
    with (
        line.tcp(line.Cable(Firmware(hz=64_000_000, slow=0.005)).talk) as url,
        connect(transport.open(url), BUILD) as device,
    ):
        start = time.monotonic()
        found = clock.since(device, clock.read(device))
        assert time.monotonic() - start > 0.5
    assert abs(found.hz - 64_000_000) <= found.uncertainty
    assert 100_000 < found.uncertainty < 0.1 * 64_000_000  # two answers of 5 ms in half a second


def test_a_clock_far_from_the_board_files_is_said() -> None:
    import numpy as np

    ticks = Ticks(unit="cycles", hz=64_000_000, per_tick=1.0, source="a test")
    some = np.array([1000], np.uint64)
    near = latency.measure(some, ticks, 64_000_000, Frequency(64_900_000.0, 100_000.0))
    far = latency.measure(some, ticks, 64_000_000, Frequency(16_000_000.0, 100_000.0))
    assert not near.clock_differs and far.clock_differs
    assert not latency.measure(some, ticks, 64_000_000).clock_differs


def test_ports_are_found_by_what_the_board_is_plugged_in_by(monkeypatch: pytest.MonkeyPatch) -> None:
    def port(device: str, vid: int | None, number: str | None = None) -> Any:
        return SimpleNamespace(device=device, vid=vid, pid=1, description="x", serial_number=number)

    here = [port("/dev/b", 0x303A, "A1"), port("/dev/c", None)]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: here)
    monkeypatch.setattr("tinyedge.bench.ports.sorted", lambda items: list(items), raising=False)
    host = boards.load("host")
    board = host.model_copy(update={"link": Link(transport="exec", usb=("303a:0001",))})
    assert ports.find(board) == "/dev/b"
    assert [found.usb for found in ports.plugged()] == ["303a:0001", None]
    here.append(port("/dev/d", 0x303A))
    with pytest.raises(UsageError, match=r"2 ports may be the host: /dev/b \(serial number A1\), /dev/d"):
        ports.find(board)
    here[:] = [port("/dev/c", None)]
    with pytest.raises(DeviceError, match=r"no port here belongs to host \(303a:0001\)") as caught:
        ports.find(board)
    assert "/dev/c (no USB)" in caught.value.hint
    with pytest.raises(UsageError, match="not known by its USB port"):
        ports.find(host)


def events(data: bytes, step: int) -> list[Event]:
    listener = Listener(BUILD)
    found = [e for at in range(0, len(data), step) for e in listener.feed(data[at : at + step])]
    return [*found, *listener.pause()]


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_the_monitor_names_frames_text_faults_and_restarts(step: int) -> None:
    fault = b"".join(word.to_bytes(4, "little") for word in (0x1234, 0, 0, 0, 1))
    hello = Firmware().feed(encode(Frame(7, 0, Type.HELLO, b"1234")))
    data = BANNER + hello + encode(Frame(7, 9, Type.RUN | Type.ANSWER, bytes(8)))
    data += encode(Frame(7, 0, Type.FAULT, fault)) + bytes(range(150, 180)) + b"\0" + b"half a line"
    found = events(data, step)
    kinds = [event.kind for event in found]
    assert kinds == ["text", "text", "restart", "frame", "frame", "fault", "bytes", "text"]
    words = "\n".join(event.words for event in found)
    for part in (
        "ESP-ROM:esp32c3",
        "TG0WDT_SYS_RST (a watchdog",
        f"hello of b, build {'12' * 8}",
        "answer to RUN, session 7, seq 9, 8 bytes",
        "faulted in layer 1: pc 0x00001234",
        "layer 1 is second",
        "30 bytes that are neither a frame nor text: 96 97",
        "half a line",
    ):
        assert part in words, part


def test_the_monitors_memory_is_bounded() -> None:
    listener = Listener()
    for _ in range(100):
        list(listener.feed(b"\xaa" * 500))
    assert len(listener._half) < 2000
