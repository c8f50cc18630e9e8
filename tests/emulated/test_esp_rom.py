# SPDX-License-Identifier: Apache-2.0
"""Takes flash images of ESP32s, boots them from the ROM in Espressif's QEMU, and replays through them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests import runtime_toy as toy
from tests import zoo
from tests.conftest import absent, shared_path
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import pipeline, transport
from tinyedge.bench import trial
from tinyedge.board import Board
from tinyedge.line.device import connect
from tinyedge.line.link import Faulted
from tinyedge.project import Budget
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric

_FLASH = 4 << 20
_PROGRAMS = {"xtensa": "qemu-system-xtensa", "riscv": "qemu-system-riscv32"}
_ESP = ("esp32s3", "esp32c3")
FRAMES = 20


@cache
def _machines(program: str) -> str:
    """What `program` can emulate; upstream's QEMU has none of these chips."""
    found = shutil.which(program)
    if found is None:
        return ""
    return subprocess.run(
        [found, "-M", "help"], capture_output=True, text=True, timeout=20, check=True
    ).stdout


def _with_rom(name: str, flash: Path) -> Board:
    """The board as Espressif's QEMU has it: `flash` is all that it is given."""
    board = boards.load(name)
    program = _PROGRAMS[board.port.split("/")[0]]
    if f"\n{name} " not in _machines(program):
        absent(f"{program} on PATH has no machine {name}: that is Espressif's QEMU")
    command = (
        program, "-M", name, "-drive", f"file={flash},if=mtd,format=raw",
        "-display", "none", "-monitor", "none", "-serial", "{serial}",
    )  # fmt: skip
    assert board.emulator is not None
    return board.model_copy(
        update={
            "emulator": board.emulator.model_copy(update={"command": command, "ticks": None, "lacks": ()}),
            "link": board.link.model_copy(update={"transport": "qemu"}),
        }
    )


def _write_flash(board: Board, out: Path, flash: Path) -> None:
    """The build's file at its offset, as esptool would leave it."""
    assert board.flasher is not None and board.flasher.model_extra is not None
    before = bytes([0xFF]) * board.flasher.model_extra["at"]["firmware.bin"]
    flash.write_bytes((before + (out / "firmware.bin").read_bytes()).ljust(_FLASH, b"\xff"))


@pytest.mark.parametrize(
    ("model", "loaded"),
    [("kws_ref_model", True), ("ad01_int8", False)],
    ids=["weights in RAM", "weights in flash"],
)
@pytest.mark.parametrize("name", _ESP)
def test_the_flash_image_boots_from_the_rom_and_is_bit_exact(
    name: str, model: str, loaded: bool, tmp_path: Path
) -> None:
    flash = tmp_path / "flash.bin"
    board = _with_rom(name, flash)
    network = models.load(shared_path("models", "mlperf", f"{model}.tflite"))
    out = tmp_path / "build"
    build = pipeline.build(network, boards.load(name), out)
    assert ("weights" in build.ram.parts) == loaded
    _write_flash(board, out, flash)
    spec = build.inputs[0].spec
    rng = np.random.default_rng(12345)
    x = rng.integers(-128, 127, (FRAMES, *spec.frame), np.int8, endpoint=True)
    report = trial.run(
        network, board, build, out, Recording(Path("random"), (spec,), (x,)), Metric("none"), Budget()
    )
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0)


@pytest.mark.parametrize("name", _ESP)
def test_a_trap_is_told_and_the_rom_starts_the_firmware_anew(name: str, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    board = _with_rom(name, flash)
    built = toy.build(name, tmp_path / "build")
    _write_flash(board, tmp_path / "build", flash)
    with connect(transport.open_board(board, built.elf), expect=toy.EXPECT) as device:
        device.write(toy.INPUT, bytes(range(toy.SIZE)))
        device.run(0, 1)
        device.write(toy.MISBEHAVE, bytes([toy.TRAP]))
        with pytest.raises(Faulted, match="in layer 1:") as fault:
            device.run()
        memory = board.memory
        assert memory is not None and memory.code is not None
        assert memory.code.origin <= fault.value.pc < memory.code.origin + memory.code.length
        assert device.read(0, 4) == bytes(4)  # restarted, arena cleared
        if board.port.startswith("riscv/"):  # below the S3's stack, where the chip has nothing, QEMU has RAM
            device.write(toy.DIG, bytes([4]))
            with pytest.raises(Faulted, match="in layer 2:"):
                device.run()
            assert device.read(0, 4) == bytes(4)


@pytest.mark.parametrize("large", [False, True], ids=["tiny_cnn", "ad01_int8"])
@pytest.mark.parametrize("name", ["esp32", "esp32s3", "esp32c3", "esp32c6"])
def test_esptool_accepts_the_image(name: str, large: bool, tmp_path: Path) -> None:
    """The small model is one that test_boards.py builds, too; of the large one weights stay in flash."""
    file = shared_path("models", "mlperf", "ad01_int8.tflite") if large else zoo.OURS / "tiny_cnn.tflite"
    build = pipeline.build(models.load(file), boards.load(name), tmp_path)
    # The ESP32-C6 has RAM for either.
    assert ("weights" in build.ram.parts) == (not large or name == "esp32c6")
    command = [sys.executable, "-m", "esptool", "--chip", name, "image-info", str(tmp_path / "firmware.bin")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    assert sum("(valid)" in line for line in lines) == 2, ended.stdout  # checksum and hash
    chip = "-".join(filter(None, ("ESP32", name.removeprefix("esp32").upper())))
    assert any(f"({chip})" in line for line in lines if line.startswith("Chip ID:"))
