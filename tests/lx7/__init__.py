# SPDX-License-Identifier: Apache-2.0
"""Takes an ESP32-S3's board, gives it with an emulator of our own, which executes the chip's vectors.

Espressif's QEMU does, too, and is in no registry. This is an interpreter of the core in some hundred lines
of C, compiled by whoever needs it; it takes the plugins by which we count in QEMU. What vector instructions
do is firmware/kernels/pie/model.h, which tests/emulated/test_pie_model.py holds against Espressif's.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.conftest import lacking
from tests.model_runner import SANITIZERS
from tinyedge import board as boards
from tinyedge import paths
from tinyedge.board import Board

HERE = Path(__file__).resolve().parent
BOARD = "esp32s3"
_LIMIT = 60.0  # s
_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-rdynamic")


def compile(folder: Path, sanitized: bool = False) -> Path:
    """Build the interpreter into `folder`."""
    if shutil.which("gcc") is None:
        lacking("gcc is not on PATH (apt-get install gcc)")
    target = folder / ("lx7-sanitized" if sanitized else "lx7")
    sources = map(str, sorted(HERE.glob("*.c")))
    flags = (*_FLAGS, *(SANITIZERS if sanitized else ()), f"-I{paths.firmware()}")
    subprocess.run(["gcc", *flags, *sources, "-ldl", "-o", str(target)], check=True, timeout=_LIMIT)
    return target


def board(folder: Path) -> Board:
    """The ESP32-S3, in the interpreter that is built into `folder`."""
    return emulated(boards.load(BOARD), compile(folder))


def emulated(board: Board, program: Path) -> Board:
    """`board`, an ESP32-S3, in the interpreter."""
    assert board.emulator is not None and board.chip == boards.load(BOARD).chip
    emulator = board.emulator.model_copy(update={"command": (str(program), "{elf}"), "lacks": ()})
    link = board.link.model_copy(update={"transport": "exec"})
    return board.model_copy(update={"emulator": emulator, "link": link})
