# SPDX-License-Identifier: Apache-2.0
"""Takes an ELF for an STM32N6, gives firmware.bin: what its boot ROM loads into RAM from the external flash.

That is ST's header, version 2.3, without a signature, as STM32_SigningTool_CLI writes it (-nk -hv 2.3 -t fsbl
-align): three images of ST and others that it made were taken apart, and come out the same here but for the
padding, which is random there. The ROM loads header and image to where the image's address minus HEADER is.
"""

from __future__ import annotations

import struct
from pathlib import Path

from tinyedge.board import Board
from tinyedge.errors import UsageError
from tinyedge.images._contents import contents

HEADER = 1024  # bytes from the header's first to the image's first
_BASE = struct.Struct("<4s96s11I16x")
_MAGIC, _VERSION = b"STM2", 0x00020300
_UNUSED = 0xFFFFFFFF  # as a load address: the ROM has one of its own
_PADDED = 1 << 31  # the only extension is padding
_PADDING = struct.Struct("<4sI408x")  # mark and size
_FSBL = 0x10  # a first stage boot loader is what the ROM starts
_STEP = 16  # the payload's size is a multiple


def make(elf: Path, board: Board, folder: Path) -> tuple[Path, ...]:
    """Write `firmware.bin`; there are no other keys. UsageError for a key, or a board without [memory]."""
    assert board.image is not None
    if board.image.model_extra or board.memory is None:
        raise UsageError(f"{board.name}: an image of format 'stm32n6' has [memory] and no other keys")
    file = folder / "firmware.bin"
    file.write_bytes(encode(contents(elf, board.memory.flash)))
    return (file,)


def encode(image: bytes) -> bytes:
    """`image`, which begins with its vectors, behind the header that the boot ROM wants."""
    between = HEADER - _BASE.size - _PADDING.size
    payload = bytes(between) + image + bytes(-(between + len(image)) % _STEP)
    (entry,) = struct.unpack_from("<I", image, 4)
    base = _BASE.pack(
        _MAGIC,
        b"",  # signature
        sum(payload) & 0xFFFFFFFF,
        _VERSION,
        len(payload),
        entry,
        0,
        _UNUSED,
        0,
        0,  # version of the image, against going back
        _PADDED,
        _PADDING.size,
        _FSBL,
    )
    return base + _PADDING.pack(b"ST\xff\xff", _PADDING.size) + payload
