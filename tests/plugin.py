# SPDX-License-Identifier: Apache-2.0
"""Takes the C file of a QEMU plugin, gives it compiled, or a board whose emulator runs with it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from tinyedge import names
from tinyedge.board import Board
from tinyedge.toolchain import Symbol

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


def inferences(board: Board, plugin: Path, symbols: Iterable[Symbol], out: Path) -> Board:
    """`board` with a plugin that counts what an image of these symbols executes in a run, into `out`."""
    assert board.memory is not None
    address = {symbol.name: symbol.address for symbol in symbols}
    code = board.memory.code or board.memory.flash
    ends = {"begin": address[names.EXECUTE], "end": address[names.EXECUTED]}
    return attach(board, plugin, **ends, code=code.origin, size=code.length, out=out)
