# SPDX-License-Identifier: Apache-2.0
"""Takes an ELF, gives firmware.bin: what the board's flash holds, from the flash's first byte on."""

from __future__ import annotations

from pathlib import Path

from tinyedge.board import Board
from tinyedge.errors import UsageError
from tinyedge.images._contents import contents


def make(elf: Path, board: Board, folder: Path) -> tuple[Path, ...]:
    """Write `firmware.bin`; there are no other keys. UsageError for a key, or a board without [memory]."""
    assert board.image is not None
    if board.image.model_extra or board.memory is None:
        raise UsageError(f"{board.name}: an image of format 'bin' has [memory] and no other keys")
    file = folder / "firmware.bin"
    file.write_bytes(contents(elf, board.memory.flash))
    return (file,)
