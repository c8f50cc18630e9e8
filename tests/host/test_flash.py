# SPDX-License-Identifier: Apache-2.0
"""Each way to flash against the protocol of its boot ROM: what arrives, what a pulled cable leads to."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import builds, runtime_toy, trials
from tests.conftest import absent, lacking
from tests.roms import line
from tests.roms.esp import EspRom
from tests.roms.mcuboot import McuBoot, signed
from tests.roms.rp2 import Rp2Drive, uf2
from tests.roms.stm32 import BASE, Stm32Rom
from tests.roms.we2 import DONE, READY, We2Menu
from tinyedge import board as boards
from tinyedge import flash, pipeline
from tinyedge.board import Board, Flasher
from tinyedge.errors import DeviceError, ToolMissing, UsageError
from tinyedge.flash import esptool
from tinyedge.toolchain import compilers

DATA = np.random.default_rng(4).bytes(60_001)
DIALOGUE = {"menu": "1", "ready": READY.decode(), "done": DONE.decode(), "reply": "y"}


class Job:
    """A board with one method, a build of one file, and how far flashing has come."""

    def __init__(self, folder: Path, name: str, data: bytes, method: str, **keys: Any) -> None:
        host = boards.load("host")
        self.board: Board = host.model_copy(update={"flasher": Flasher(method=method, **keys)})
        self.folder = folder
        self.files = [name]
        self.shares: list[float] = []
        (folder / name).write_bytes(data)

    def flash(self, port: str | None) -> str:
        """Flash; progress never falls and ends at 1."""
        self.shares.clear()
        build = builds.make(files=self.files)
        said = flash.flash(self.board, self.folder, build, port, None, self.shares.append)
        assert self.shares == sorted(self.shares) and self.shares[0] >= 0.0 and self.shares[-1] == 1.0
        return said


def esp_job(folder: Path, **keys: Any) -> Job:
    return Job(folder, "firmware.bin", DATA, "esptool", chip="esp32c3", at={"firmware.bin": 0}, **keys)


def test_esptool_writes_every_file_to_its_place(tmp_path: Path) -> None:
    job = esp_job(tmp_path)
    assert job.board.flasher is not None and job.board.flasher.model_extra is not None
    job.board.flasher.model_extra["at"]["weights.bin"] = 0x10000
    (tmp_path / "weights.bin").write_bytes(DATA[::-1])
    job.files.append("weights.bin")
    chip = EspRom()
    with line.tcp(line.Cable(chip).talk) as url:
        assert "MD5" in job.flash(url)
    assert chip.stub
    assert chip.flash[: len(DATA)] == DATA and chip.flash[0x10000 : 0x10000 + len(DATA)] == DATA[::-1]
    assert len(job.shares) > 5


@pytest.mark.parametrize("name", ["esp32c3", "esp32"])  # the old form of the protocol, and the new one
def test_esptool_writes_through_the_rom_alone(tmp_path: Path, name: str) -> None:
    chip = EspRom(chip=name)
    job = Job(tmp_path, "f.bin", DATA[:5000], "esptool", chip=name, at={"f.bin": 0x1000}, stub=False)
    with line.tcp(line.Cable(chip).talk) as url:
        job.flash(url)
    assert not chip.stub and chip.flash[0x1000 : 0x1000 + 5000] == DATA[:5000]


@pytest.mark.parametrize(
    "name", [name for name in boards.names() if (f := boards.load(name).flasher) and f.method == "esptool"]
)
def test_what_is_built_for_a_board_goes_into_its_chip(tmp_path: Path, name: str) -> None:
    board = boards.load(name)
    compiler = compilers.missing(board)
    if compiler is not None:
        lacking(f"no compiler for {name} ({compiler})")
    build = pipeline.build(trials.convolution(), board, tmp_path)
    facts = boards.keys(board, "flasher", esptool.Facts)
    chip = EspRom(chip=facts.chip)
    with line.tcp(line.Cable(chip).talk) as url:
        flash.flash(board, tmp_path, build, url)
    for file in build.image.files:
        data = (tmp_path / file).read_bytes()
        assert chip.flash[facts.at[file] : facts.at[file] + len(data)] == data, file


def test_esptool_without_its_stub_goes_on_with_the_rom(tmp_path: Path) -> None:
    job, chip = esp_job(tmp_path), EspRom(takes_stub=False)
    with line.tcp(line.Cable(chip).talk) as url:
        assert "by the ROM's own loader" in job.flash(url)
    assert not chip.stub and chip.flash[: len(DATA)] == DATA


def test_esptool_tells_flash_that_does_not_hold(tmp_path: Path) -> None:
    with (
        line.tcp(line.Cable(EspRom(spoil=30_000)).talk) as url,
        pytest.raises(DeviceError, match="does not hold what esptool wrote"),
    ):
        esp_job(tmp_path).flash(url)


def test_esptool_tells_another_chip(tmp_path: Path) -> None:
    job = Job(tmp_path, "f.bin", DATA, "esptool", chip="esp32s3", at={"f.bin": 0})
    with (
        line.tcp(line.Cable(EspRom()).talk) as url,
        pytest.raises(DeviceError, match="is ESP32-C3, and the image is for ESP32-S3"),
    ):
        job.flash(url)


def test_a_file_without_a_place_is_wrong_usage(tmp_path: Path) -> None:
    job = esp_job(tmp_path)
    job.files.append("more.bin")
    with pytest.raises(UsageError, match=r"there is no more\.bin"):
        job.flash("socket://localhost:1")
    (tmp_path / "more.bin").write_bytes(b"x")
    with pytest.raises(UsageError, match=r"does not say where more\.bin goes"):
        job.flash("socket://localhost:1")


@pytest.fixture
def forgiving_pyserial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pseudo-terminal has no DTR, RTS and parity; stm32loader, untouched, must not stumble over that."""
    if sys.platform == "win32":
        absent("no pseudo-terminal on Windows")
    (tmp_path / "sitecustomize.py").write_text(
        "from serial import Serial\n"
        "Serial._update_dtr_state = Serial._update_rts_state = lambda self: None\n"
        "configure = Serial._reconfigure_port\n"
        "def without_parity(self, force_update=False):\n"
        "    self._parity = 'N'\n"
        "    configure(self, force_update)\n"
        "Serial._reconfigure_port = without_parity\n"
    )
    path = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *([path] if path else [])]))


@pytest.mark.usefixtures("forgiving_pyserial")
class TestStm32:
    def job(self, folder: Path) -> Job:
        return Job(folder, "firmware.bin", DATA[:20_000], "stm32", address=BASE)

    def test_stm32loader_writes_reads_back_and_starts(self, tmp_path: Path) -> None:
        job, chip = self.job(tmp_path), Stm32Rom()
        chip.flash[:100] = bytes(100)  # what was there before is erased
        with line.pty(chip) as device:
            assert job.flash(device) == "read back and compared"
        assert chip.flash[:20_000] == DATA[:20_000] and chip.started == BASE
        assert len(job.shares) > 100

    def test_after_a_cable_was_pulled(self, tmp_path: Path) -> None:
        job, chip = self.job(tmp_path), Stm32Rom()
        with (
            line.pty(chip, pull_at=10_000) as device,
            pytest.raises(DeviceError, match=r"stm32loader could not flash /dev.*, after 2\d% of the work"),
        ):
            job.flash(device)
        chip.reset()
        with line.pty(chip) as device:
            job.flash(device)
        assert chip.flash[:20_000] == DATA[:20_000]

    def test_a_protected_chip_and_a_bad_one(self, tmp_path: Path) -> None:
        with line.pty(Stm32Rom(protected=True)) as device, pytest.raises(DeviceError) as caught:
            self.job(tmp_path).flash(device)
        assert "protected" in caught.value.hint
        with (
            line.pty(Stm32Rom(spoil=BASE + 1000)) as device,
            pytest.raises(DeviceError, match="differs from the image, first at offset 0x3E8"),
        ):
            self.job(tmp_path).flash(device)


def test_xmodem_is_taken_by_the_receiver_of_another(tmp_path: Path) -> None:
    job, board = Job(tmp_path, "firmware.img", DATA, "xmodem", **DIALOGUE), We2Menu(damaged=7)
    with line.tcp(board.talk) as url:
        assert "CRC" in job.flash(url)
    assert board.image.rstrip(b"\xff") == DATA.rstrip(b"\xff") and board.rebooted


def test_xmodem_after_a_cable_was_pulled(tmp_path: Path) -> None:
    job, board = Job(tmp_path, "firmware.img", DATA, "xmodem", **DIALOGUE), We2Menu(pulled_after=200)
    with line.tcp(board.talk) as url:
        with pytest.raises(DeviceError, match="is gone"):
            job.flash(url)
        job.flash(url)
    assert board.image.startswith(DATA)


@pytest.mark.parametrize(("tells", "how"), [(True, "the hash that MCUboot tells"), (False, "tells no hash")])
def test_smp_uploads_and_asks_for_the_hash(tmp_path: Path, tells: bool, how: str) -> None:
    job, chip = Job(tmp_path, "firmware.bin", signed(DATA), "smp"), McuBoot(tells)
    with line.tcp(line.Cable(chip).talk) as url:
        assert how in job.flash(url)
    assert chip.slot == signed(DATA) and chip.restarted


def test_smp_after_a_cable_was_pulled(tmp_path: Path) -> None:
    job, chip = Job(tmp_path, "firmware.bin", signed(DATA), "smp"), McuBoot()
    cable = line.Cable(chip, pull_at=30_000)
    with line.tcp(cable.talk) as url:
        with pytest.raises(DeviceError, match="is gone"):
            job.flash(url)
        cable.pull_at = None
        job.flash(url)
    assert chip.slot == signed(DATA)


def test_smp_tells_a_slot_that_does_not_hold_and_an_image_of_another_kind(tmp_path: Path) -> None:
    with (
        line.tcp(line.Cable(McuBoot(spoil=5000)).talk) as url,
        pytest.raises(DeviceError, match="does not hold the image"),
    ):
        Job(tmp_path, "firmware.bin", signed(DATA), "smp").flash(url)
    for other in (DATA, b"", signed(DATA)[:-20]):
        with pytest.raises(UsageError, match="no image for MCUboot"):
            Job(tmp_path, "firmware.bin", other, "smp").flash("socket://localhost:1")


def test_uf2_is_complete_on_the_drive(tmp_path: Path) -> None:
    (tmp_path / "drive").mkdir()
    drive = Rp2Drive(tmp_path / "drive")
    job = Job(tmp_path, "firmware.uf2", uf2(DATA), "uf2", board_id="RPI-RP2")
    with drive.plugged_in() as folder:
        assert "restarted" in job.flash(str(folder))
    held = b"".join(data for _, data in sorted(drive.flash.items()))
    assert drive.restarted and held[: len(DATA)] == DATA


def test_uf2_without_a_drive_or_with_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(tmp_path, "firmware.uf2", uf2(DATA), "uf2", board_id="RPI-RP2")
    with pytest.raises(DeviceError, match="no mounted drive has the Board-ID RPI-RP2") as caught:
        job.flash(None)
    assert "BOOTSEL" in caught.value.hint
    (tmp_path / "drive").mkdir()
    with Rp2Drive(tmp_path / "drive", "RP2350").plugged_in() as folder:
        with pytest.raises(DeviceError, match="is not the drive of host"):
            job.flash(str(folder))
        monkeypatch.setattr("tinyedge.flash.uf2._RESTART", 0.3)
        job = Job(tmp_path, "firmware.uf2", uf2(DATA, family=1), "uf2", board_id="RP2350")
        with pytest.raises(DeviceError, match="did not restart"):  # its blocks are for another chip
            job.flash(str(folder))


PYOCD = """#!{python}
import sys
with open("{log}", "a") as log:
    print(*sys.argv[1:], file=log)
if "{fails}" in sys.argv:
    sys.exit("0000672 E No target device available [load_cmd]")
for command in sys.argv:
    if command.startswith("compare"):
        print("{compared}")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a script with a first line for the kernel")
@pytest.mark.parametrize(
    ("fails", "compared", "said"),
    [
        ("never", "All 12 bytes match.", ""),
        ("never", "Mismatched byte at 0x1", "does not hold the image: Mismatched byte at 0x1"),
        ("load", "", "pyocd finds no debug probe"),
    ],
)
def test_pyocd_is_called_as_its_help_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, compared: str, said: str
) -> None:
    # A stand-in: that pyocd takes these arguments was tried with pyocd 0.46 and no probe; no chip was.
    log, program = tmp_path / "log", tmp_path / "pyocd"
    program.write_text(PYOCD.format(python=sys.executable, log=log, fails=fails, compared=compared))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    elf = toolchain_elf(tmp_path / "built")
    job = Job(tmp_path, "firmware.elf", elf, "pyocd", target="nrf52840")
    if said:
        with pytest.raises(DeviceError, match=said):
            job.flash(None)
        return
    assert job.flash(None) == "read back and compared"
    load, commander = log.read_text().splitlines()
    assert load == f"load --target nrf52840 --no-wait --no-reset --format elf {tmp_path / 'firmware.elf'}"
    assert re.fullmatch(
        r"commander --target nrf52840 --no-wait (--command compare 0x[0-9a-f]+ \"\S+\" )+--command reset",
        commander,
    )


def toolchain_elf(folder: Path) -> bytes:
    """Firmware for a Cortex-M4."""
    return runtime_toy.build("mps2-an386", folder).elf.read_bytes()


def test_what_a_method_needs_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"flasher\.chip: Field required"):
        Job(tmp_path, "f.bin", DATA, "esptool", at={}).flash("socket://localhost:1")
    with pytest.raises(UsageError, match="there is no flash method 'telepathy'"):
        Job(tmp_path, "f.bin", DATA, "telepathy").flash(None)
    with pytest.raises(UsageError, match="no port is given for host"):
        Job(tmp_path, "f.bin", DATA, "stm32", address=0).flash(None)
    with pytest.raises(UsageError, match=r"takes one \.bin file"):
        Job(tmp_path, "f.hex", DATA, "stm32", address=0).flash("/dev/null")
    with pytest.raises(UsageError, match=r"has no \[flasher\]"):
        flash.flash(boards.load("host"), tmp_path, builds.make(), None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing) as caught:
        Job(tmp_path, "firmware.elf", DATA, "pyocd", target="nrf52840").flash(None)
    assert caught.value.hint == "pip install pyocd"


@pytest.mark.parametrize("name", [name for name in boards.names() if boards.load(name).flasher])
def test_the_flasher_of_every_board_has_the_right_keys(name: str) -> None:
    board = boards.load(name)
    module = flash.method(board)
    assert boards.keys(board, "flasher", module.Facts)
    assert module.install() is None or module.install()
