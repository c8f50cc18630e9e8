# SPDX-License-Identifier: Apache-2.0
"""Takes an ELF that an ESP32's boot ROM loads into RAM, gives the ROM's image of it, and weights behind it.

The format is esptool's "Firmware Image Format": a header of 8 bytes, an extended header of 16, segments of
address, length and data, padding to a checksum in the last byte of 16, and a SHA-256 of all that.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Annotated, Literal

from elftools.elf.elffile import ELFFile
from pydantic import Field

from tinyedge import names
from tinyedge.board import Board, Keys, keys
from tinyedge.errors import UsageError
from tinyedge.images._contents import contents

_MAGIC = 0xE9
_MODE_DIO = 2
_SIZES = {"1MB": 0, "2MB": 1, "4MB": 2, "8MB": 3, "16MB": 4}
_NO_PIN = 0xEE  # no write-protect pin: the ROM takes the eFuse's word
_ANY_REVISION = 0xFFFF
_Revision = Annotated[int, Field(ge=0, le=_ANY_REVISION)]
_SEED = 0xEF  # of the checksum
_LINE = 16  # bytes; the checksum ends one
_ALLOCATED = 0x2  # SHF_ALLOC


class _Facts(Keys):
    """`chip_id` and `flash_speed` as esptool codes them (15: 80 MHz on most chips).

    `at` is the flash offset where the ROM looks for an image, `weights_at` that of what memory.flash shows;
    where the board has no memory.code, all of memory.flash is RAM that the ROM loads. `revisions` of the chip
    that it is for, from and to, as 100 for v1.0.
    """

    chip_id: Annotated[int, Field(ge=0, lt=1 << 16)]
    weights_at: Annotated[int, Field(ge=0)] = 0
    revisions: tuple[_Revision, _Revision] = (0, _ANY_REVISION)
    at: Annotated[int, Field(ge=0)] = 0
    flash_size: Literal["1MB", "2MB", "4MB", "8MB", "16MB"] = "4MB"
    flash_speed: Annotated[int, Field(ge=0, le=15)] = 15


def make(elf: Path, board: Board, folder: Path) -> tuple[Path, ...]:
    """Write firmware.bin, which ends with what the ELF has in memory.flash, if anything.

    UsageError when a key is wrong, or when what the ROM loads would reach the weights.
    """
    assert board.image is not None and board.memory is not None
    facts = keys(board, "image", _Facts)
    size = _SIZES[facts.flash_size]
    with elf.open("rb") as stream:
        file = ELFFile(stream)
        entry = file["e_entry"]
        loaded, weights = _sections(file, board.memory.flash.origin)
    if board.memory.code is None:
        loaded, weights = [(board.memory.flash.origin, contents(elf, board.memory.flash))], b""
    image = _image(entry, loaded, facts, size << 4 | facts.flash_speed)
    if weights:
        room = facts.weights_at - facts.at
        if len(image) > room:
            raise UsageError(
                f"{board.name}: the boot ROM loads {len(image):,} bytes, and weights begin at {room:,}",
                "raise `weights_at` and the origin of memory.flash by as much in a copy of the board's file",
            )
        image = image.ljust(room, b"\xff") + weights
    firmware = folder / "firmware.bin"
    firmware.write_bytes(image)
    return (firmware,)


def _sections(file: ELFFile, flash: int) -> tuple[list[tuple[int, bytes]], bytes]:
    """(address, bytes) of every section that has contents, in RAM; and those of the one in flash."""
    loaded, weights = [], b""
    for section in file.iter_sections():
        held = section["sh_type"] != "SHT_NOBITS" and section["sh_flags"] & _ALLOCATED
        if not held or section["sh_size"] == 0 or section.name in names.CLEARED:
            continue
        if section["sh_addr"] == flash:
            weights = section.data()
        else:
            loaded.append((section["sh_addr"], section.data()))
    return loaded, weights


def _image(entry: int, segments: list[tuple[int, bytes]], facts: _Facts, flash: int) -> bytes:
    head = struct.pack("<BBBBI", _MAGIC, len(segments), _MODE_DIO, flash, entry)
    extended = struct.pack("<B3xHBHH4xB", _NO_PIN, facts.chip_id, 0, *facts.revisions, 1)
    body = bytearray(head + extended)
    checksum = _SEED
    for address, data in segments:
        padded = data + bytes(-len(data) % 4)
        body += struct.pack("<II", address, len(padded)) + padded
        for byte in padded:
            checksum ^= byte
    body += bytes(-(len(body) + 1) % _LINE)
    body.append(checksum)
    return bytes(body) + hashlib.sha256(body).digest()
