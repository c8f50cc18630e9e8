# SPDX-License-Identifier: Apache-2.0
"""Espressif's own boot ROMs, in Espressif's QEMU: they take what esptool writes, and boot it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import trials
from tests.conftest import absent, lacking
from tinyedge import board as boards
from tinyedge import flash
from tinyedge.bench import trial
from tinyedge.board import Flasher
from tinyedge.project import Budget
from tinyedge.recording import metrics
from tinyedge.toolchain import compilers

FLASH = 4 << 20
# Program, and the strapping pins for the ROM's UART download (0: as the machine comes, boot from flash).
MACHINES = {"esp32s3": ("qemu-system-xtensa", 0x07), "esp32c3": ("qemu-system-riscv32", 0x02)}


def need(name: str) -> None:
    """Skip where a piece is missing; no registry has Espressif's QEMU, so CI has it neither."""
    program, _ = MACHINES[name]
    found = shutil.which(program)
    machines = subprocess.run([program, "-M", "help"], capture_output=True, text=True).stdout if found else ""
    if f"\n{name} " not in machines:
        absent(f"{program} on PATH is not Espressif's: it has no machine {name}")
    install = compilers.missing(boards.load(name))
    if install is not None:
        lacking(f"no compiler for {name} ({install})")


@contextmanager
def running(name: str, image: Path, strap: int) -> Iterator[str]:
    """The machine with `image` as its flash; gives the URL of its UART."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = [MACHINES[name][0], "-M", name, "-display", "none", "-monitor", "none"]
    command += ["-drive", f"file={image},if=mtd,format=raw"]
    command += ["-serial", f"tcp:127.0.0.1:{port},server=on,wait=off"]
    if strap:
        command += ["-global", f"driver={name}.gpio,property=strap_mode,value={strap}"]
    with subprocess.Popen(command) as qemu:
        try:
            yield f"socket://127.0.0.1:{port}"
        finally:
            qemu.terminate()


@pytest.mark.parametrize("name", MACHINES)
def test_the_boot_rom_takes_and_boots_the_image(name: str, tmp_path: Path) -> None:
    need(name)
    prepared = trials.prepare(name, tmp_path)
    board = boards.load(name)
    assert board.flasher is not None and board.flasher.model_extra is not None
    # QEMU's UART loses bytes of esptool's own loader; the ROM's takes smaller blocks.
    facts = {**board.flasher.model_extra, "stub": False}
    by_rom = board.model_copy(update={"flasher": Flasher(method="esptool", **facts)})
    image = tmp_path / "flash.bin"
    image.write_bytes(b"\xff" * FLASH)
    with running(name, image, MACHINES[name][1]) as url:
        time.sleep(1.0)
        assert "MD5" in flash.flash(by_rom, tmp_path, prepared.build, url)
    with running(name, image, 0) as url:
        time.sleep(1.0)
        report = trial.run(
            prepared.model,
            board,
            prepared.build,
            tmp_path,
            prepared.recording,
            metrics.choose(1, 1, labelled=False),
            Budget(),
            port=url,
        )
    assert report.verdict == "pass" and report.bit_exact.frames == trials.FRAMES
