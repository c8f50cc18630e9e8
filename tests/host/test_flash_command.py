# SPDX-License-Identifier: Apache-2.0
"""`tinyedge flash`, `test -p` and `monitor` as a user runs them, on a board with a simulated ESP32-C3 ROM."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests import trials
from tests.roms import line
from tests.roms.esp import EspRom
from tests.roms.esp_board import EspBoard
from tests.roms.esp_kit import EspKit
from tests.roms.firmware import BANNER
from tinyedge import board as boards
from tinyedge import paths, pipeline

ROOT = Path(__file__).resolve().parents[2]
FLASHER = '\n[flasher]\nmethod = "esptool"\nchip = "esp32c3"\nat = { "firmware.elf" = 0x0 }\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for a board `chip`: an ESP32-C3 for the flasher, this machine for the compiler."""
    root = tmp_path_factory.mktemp("project")
    (root / "chip.toml").write_text((paths.boards() / "host.toml").read_text() + FLASHER)
    model = trials.convolution()
    (root / "conv.tflite").write_bytes(model.data)
    np.savez(root / "x.npz", x=np.random.default_rng(5).integers(-128, 128, (8, 5, 7, 3), np.int8))
    (root / "tinyedge.toml").write_text(
        'model = "conv.tflite"\nboard = "chip.toml"\n[replay]\nfile = "x.npz"\n'
    )
    pipeline.build(model, boards.load(root / "chip.toml"), root / "build" / "chip")
    return root


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tinyedge", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    process = start(folder, *arguments)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return process.returncode, out, err


def test_flash_verifies_greets_and_says_so(folder: Path, tmp_path: Path) -> None:
    chip = EspBoard(tmp_path)
    with line.tcp(chip.talk) as url:
        code, out, err = run(folder, "flash", "-p", url, "--json")
    assert code == 0, err
    document = json.loads(out)
    build = json.loads((folder / "build" / "chip" / "build.json").read_text())
    assert document["hello"]["build_id"] == document["build_id"] == build["image"]["build_id"]
    assert document["method"] == "esptool" and "MD5" in document["verified"]
    elf = (folder / "build" / "chip" / "firmware.elf").read_bytes()
    assert chip.rom.flash[: len(elf)] == elf


def test_a_cable_pulled_at_half_is_exit_4_in_one_sentence_and_the_next_try_succeeds(folder: Path) -> None:
    shutil.copytree(folder / "build" / "chip", folder / "large")
    elf = (folder / "large" / "firmware.elf").read_bytes() + np.random.default_rng(1).bytes(60_000)
    (folder / "large" / "firmware.elf").write_bytes(elf)
    chip = EspRom()
    cable = line.Cable(chip, pull_at=len(elf) // 2)
    with line.tcp(cable.talk) as url:
        code, out, err = run(folder, "flash", "large", "-p", url)
        assert code == 4 and out == ""
        errors = [text for text in err.splitlines() if text.startswith("error: ")]
        assert len(errors) == 1 and "of the image: read failed" in errors[0], err
        assert chip.flash[: len(elf)] != elf
        cable.pull_at = None
        code, out, err = run(folder, "flash", "large", "-p", url)
    assert code == 0 and "verified: MD5" in out
    assert "not greeted" in err  # this chip has a ROM and nothing that runs
    assert chip.flash[: len(elf)] == elf


def test_test_flashes_a_board_that_runs_another_build_and_only_then(folder: Path, tmp_path: Path) -> None:
    chip = EspBoard(tmp_path)
    with line.tcp(chip.talk) as url:
        code, out, err = run(folder, "test", "-p", url)
        assert code == 0 and "flashing: " in out and "no bytes at all" in out, err
        assert "verdict: pass" in out
        written = chip.rom.written
        code, _, err = run(folder, "test", "-p", url, "--no-flash", "--optimize", "size")
        assert code == 4 and "runs another build" in err and chip.rom.written == written
        code, out, err = run(folder, "test", "-p", url, "--optimize", "size")
        assert code == 0 and "runs another build" in out and chip.rom.written > written, err
        written = chip.rom.written
        code, out, err = run(folder, "test", "-p", url, "--optimize", "size", "--json")
        assert code == 0 and json.loads(out)["bit_exact"]["frames"] == 8, err
        assert chip.rom.written == written


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT for one process on Windows")
def test_an_interrupt_while_flashing_ends_esptool_too(folder: Path) -> None:
    class Slow(EspRom):
        def feed(self, data: bytes) -> bytes:
            time.sleep(0.05 if self.written else 0.0)
            return super().feed(data)

    chip = Slow()
    with line.tcp(line.Cable(chip).talk) as url:
        process = start(folder, "flash", "-p", url)
        deadline = time.monotonic() + 30
        while not chip.written and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        assert process.returncode == 130, err
        assert "Traceback" not in err and out == ""
        written = chip.written
        time.sleep(0.3)
        assert chip.written <= written + 16384  # at most what was on the line


def test_monitor_shows_what_comes_for_so_long(folder: Path) -> None:
    def reboot(pipe: socket.socket) -> None:
        pipe.sendall(BANNER)
        pipe.recv(1)

    with line.tcp(reboot) as url:
        code, out, err = run(folder, "monitor", "-p", url, "--seconds", "0.6", "--json")
    assert code == 0, err
    document = json.loads(out)
    assert document["received"] == len(BANNER)
    assert [event["kind"] for event in document["events"]] == ["text", "text", "restart"]
    assert "the board restarted: reset cause 0x7 TG0WDT_SYS_RST" in err


def test_bad_input_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    for arguments, words in (
        (["flash", str(tmp_path)], "there is no build in"),
        (["flash", "--board", "mps3-an547"], "there is no build in build/mps3-an547"),
        (["flash", "build/chip", "--board", "mps3-an547"], "the build is for chip, not for mps3-an547"),
        (["flash"], "no port is given, and chip is not known by its USB port"),
        (["flash", "-b", "esp32c3"], "-b is the baud rate here; the board is `--board esp32c3`"),
    ):
        code, out, err = run(folder, *arguments)
        assert code == 2 and words in err, err
        assert out == ""
    code, _, err = run(folder, "flash", "-p", "/dev/ttyNOWHERE")
    assert code == 4 and "there is no port /dev/ttyNOWHERE" in err


def test_a_dev_kit_is_reset_by_the_lines_of_its_port(folder: Path, tmp_path: Path) -> None:
    facts = (folder / "chip.toml").read_text().replace("[link]", '[link]\nreset = "dtr-rts"')
    (tmp_path / "chip.toml").write_text(facts)
    model = trials.convolution()
    build = pipeline.build(model, boards.load(tmp_path / "chip.toml"), tmp_path / "out")
    kit = EspKit(tmp_path, (tmp_path / "out" / build.image.elf).read_bytes())
    with line.tcp(kit.talk) as url:
        port = url.replace("socket", "rfc2217")
        options = ("--board", str(tmp_path / "chip.toml"), "-o", str(tmp_path / "out"))
        code, out, err = run(folder, "test", "-p", port, "--json", *options)
    assert code == 0 and json.loads(out)["bit_exact"]["frames"] == 8, err
    # Once when it got its power, once to see what it runs, once to test it; never into its ROM.
    assert kit.resets == {"program": 3, "rom": 0}
