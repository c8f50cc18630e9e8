# SPDX-License-Identifier: Apache-2.0
"""Takes an ELF, gives firmware.uf2: blocks of flash with addresses, as a boot ROM's USB drive takes them.

The format is https://github.com/microsoft/uf2. [image] has one more key, `family`: the chip's number there.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tinyedge.board import Board, Keys, keys
from tinyedge.errors import UsageError
from tinyedge.images._contents import contents

PAYLOAD = 256
"""Bytes of flash in a block: a page, the only size that RP2 boot ROMs take (RP2040 Datasheet 2.8.4.2)."""

SECTOR = 4096
"""Bytes that such a ROM erases when a block falls into them; filled up, so that all of a sector is known."""

_BLOCK = struct.Struct("<8I476sI")  # two magics, flags, address, size, number, count, family, data, magic
_FIRST, _SECOND, _LAST = 0x0A324655, 0x9E5D5157, 0x0AB16F30
_HAS_FAMILY = 0x2000


class _Facts(Keys):
    family: Annotated[int, Field(gt=0, lt=1 << 32)]


def make(elf: Path, board: Board, folder: Path) -> tuple[Path, ...]:
    """Write `firmware.uf2`. UsageError for a wrong `family`, another key, or a board without [memory]."""
    assert board.image is not None
    if board.memory is None:
        raise UsageError(f"{board.name}: an image of format 'uf2' needs [memory]")
    facts = keys(board, "image", _Facts)
    flash = board.memory.flash
    file = folder / "firmware.uf2"
    file.write_bytes(encode(contents(elf, flash), flash.origin, facts.family))
    return (file,)


def encode(data: bytes, origin: int, family: int) -> bytes:
    """The UF2 file that puts `data` at address `origin` (a multiple of SECTOR), 0xFF behind it."""
    data += b"\xff" * (-len(data) % SECTOR)
    count = len(data) // PAYLOAD
    return b"".join(
        _BLOCK.pack(
            *(_FIRST, _SECOND, _HAS_FAMILY, origin + at, PAYLOAD, number, count, family),
            data[at : at + PAYLOAD],
            _LAST,
        )
        for number, at in enumerate(range(0, len(data), PAYLOAD))
    )
