# SPDX-License-Identifier: Apache-2.0
"""Takes an ELF and a board, gives the files that go onto the board; a file here is a format.

A format's module has make(elf, board, folder) -> the files that it wrote into `folder`, the one that is
flashed first. It checks the other keys of the board's [image], and gives the same bytes for the same ELF.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from tinyedge.board import Board
from tinyedge.errors import UsageError


def make(elf: Path, board: Board, folder: Path) -> tuple[Path, ...]:
    """Write what goes onto `board` into `folder`; the ELF itself where the board names no format.

    UsageError for an unknown format or a wrong key, ToolMissing without the program that a format needs.
    """
    if board.image is None:
        return (elf,)
    known = sorted(i.name for i in pkgutil.iter_modules(__path__) if not i.name.startswith("_"))
    if board.image.format not in known:
        raise UsageError(
            f"{board.name}: there is no image format {board.image.format!r}", f"formats: {', '.join(known)}"
        )
    module = importlib.import_module(f"{__name__}.{board.image.format}")
    made: tuple[Path, ...] = module.make(elf, board, folder)
    return made
