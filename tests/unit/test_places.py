# SPDX-License-Identifier: Apache-2.0
"""A bench of boards in one TOML: the first that is there and free, locked until the process ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinyedge import board as boards
from tinyedge.bench import places
from tinyedge.errors import DeviceError, TinyedgeError, UsageError
from tinyedge.transport import labgrid

HOLD = """
import sys
from pathlib import Path
from tinyedge import board
from tinyedge.bench import places
print(places.resolve(sys.argv[1], board.load(sys.argv[2])), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two ESP32-C3, of which the first is not plugged in, a URL of one, and an RP2040."""
    monkeypatch.setenv("TINYEDGE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(places, "_held", {})
    (tmp_path / "tty1").touch()
    ports = {"tty0": "esp32c3", "tty1": "esp32c3", "socket://desk:4000": "esp32c3", "tty2": "rp2040"}
    text = "wait_s = 0\n"
    for port, board in ports.items():
        where = port if "://" in port else str(tmp_path / port)
        text += f'[[place]]\nboard = "{board}"\nport = "{where}"\n'
    (tmp_path / "bench.toml").write_text(text)
    yield tmp_path / "bench.toml"
    for lock in places._held.values():
        lock.release()


def test_two_processes_never_share_a_board(bench: Path) -> None:
    c3, command = boards.load("esp32c3"), [sys.executable, "-c", HOLD, str(bench), "esp32c3"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline().strip() == str(bench.parent / "tty1")
        assert places.resolve(str(bench), c3) == "socket://desk:4000"
        assert places.resolve(str(bench), c3) == "socket://desk:4000"  # ours until we end
        third = subprocess.run(command, capture_output=True, text=True, input="", timeout=60, check=False)
        assert "every esp32c3 of " in third.stderr and "in use for 0 s" in third.stderr
        other.kill()  # whoever is killed holds nothing
        other.wait(10)
    again = subprocess.run(command, capture_output=True, text=True, input="", timeout=60, check=False)
    assert again.stdout.strip() == str(bench.parent / "tty1"), again.stderr


def test_what_is_not_there_is_said(bench: Path) -> None:
    with pytest.raises(DeviceError, match=r"no rp2040 of .* is there: there is no port .*tty2"):
        places.resolve(str(bench), boards.load("rp2040"))
    with pytest.raises(UsageError, match="has no place for microbit-v2") as caught:
        places.resolve(str(bench), boards.load("microbit-v2"))
    assert "esp32c3, rp2040" in caught.value.hint
    assert places.has(str(bench), boards.load("rp2040")) and places.has("/dev/ttyX", boards.load("host"))
    assert not places.has(str(bench), boards.load("host"))


@pytest.mark.parametrize(
    "text", ["", "place = 3", '[[place]]\nboard = "x"', '[[place]]\nboard = "x"\nport = ""', "wait_s = nan"]
)
def test_what_is_no_bench_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.toml").write_text(text)
    with pytest.raises(UsageError, match=r"b\.toml"):
        places.resolve(str(tmp_path / "b.toml"), boards.load("host"))


@pytest.mark.skipif(os.name == "nt", reason="a script with #! stands in for labgrid-client")
@pytest.mark.parametrize(
    ("script", "found", "hint"),
    [
        ("echo oops >&2; exit 1", "does not acquire the place c3: oops", "who"),
        ('[ "$3" = acquire ] || echo "[1, 2"', "describes the place c3 in another way", ""),
        ('[ "$3" = acquire ] || echo "{targets: {c3: {resources: []}}}"', "has 0 serial ports", "one"),
    ],
)
def test_what_labgrid_says_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, found: str, hint: str
) -> None:
    client = tmp_path / "labgrid-client"
    client.write_text(f"#!/bin/sh\n{script}\n")
    client.chmod(0o755)
    monkeypatch.setenv("TINYEDGE_LABGRID_CLIENT", str(client))
    with pytest.raises(TinyedgeError, match=found) as caught:
        places.resolve("labgrid://c3", boards.load("host"))
    assert hint in caught.value.hint
    monkeypatch.setenv("TINYEDGE_LABGRID_CLIENT", str(tmp_path / "gone"))
    with pytest.raises(TinyedgeError, match="cannot run") as caught:
        places.resolve("labgrid://c3", boards.load("host"))
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[" * 5000,
        "targets: {c3: {resources: 7}}",
        "targets: {c3: {resources: [7]}}",
        "targets: {c3: {resources: [{NetworkSerialPort: 7}]}}",
        "targets: {c3: {resources: [{NetworkSerialPort: [a]}]}}",
        "targets: {c3: {resources: {NetworkSerialPort: {}}}}",
    ],
)
def test_a_place_is_described_in_no_other_way(said: str) -> None:
    with pytest.raises(TinyedgeError):
        labgrid._port("c3", said)
