# SPDX-License-Identifier: Apache-2.0
"""Takes the C file of a QEMU plugin, gives it compiled, or a board whose emulator runs with it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tinyedge.board import Board

_LIMIT = 60.0  # s
_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")


def compile(source: Path, folder: Path) -> Path:
    """Build the plugin `source` into `folder`, for this machine's QEMU."""
    target = folder / f"{source.stem}.so"
    subprocess.run(["gcc", *_FLAGS, str(source), "-o", str(target)], check=True, timeout=_LIMIT)
    return target


def attach(board: Board, plugin: Path, **arguments: object) -> Board:
    """`board` with the plugin in its emulator; integers become hexadecimal."""
    assert board.emulator is not None
    words = [
        f"{name}={value:#x}" if isinstance(value, int) else f"{name}={value}"
        for name, value in arguments.items()
    ]
    command = (*board.emulator.command, "-plugin", ",".join([str(plugin), *words]))
    return board.model_copy(update={"emulator": board.emulator.model_copy(update={"command": command})})
