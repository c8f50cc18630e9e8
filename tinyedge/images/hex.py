# SPDX-License-Identifier: Apache-2.0
"""Takes an ELF, gives firmware.hex: what the board's flash holds, as Intel HEX, for a probe that is a drive.

Format: Intel, Hexadecimal Object File Format Specification, revision A (1988).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tinyedge.board import Board
from tinyedge.errors import UsageError
from tinyedge.images._contents import contents

_DATA, _END, _UPPER_ADDRESS = 0, 1, 4
_LINE = 16  # bytes of data
_SEGMENT = 1 << 16  # what the address of one data record reaches


def make(elf: Path, board: Board, folder: Path) -> tuple[Path, ...]:
    """Write `firmware.hex`; there are no other keys. UsageError for a key, or a board without [memory]."""
    assert board.image is not None
    if board.image.model_extra or board.memory is None:
        raise UsageError(f"{board.name}: an image of format 'hex' has [memory] and no other keys")
    flash = board.memory.flash
    file = folder / "firmware.hex"
    file.write_bytes(encode(contents(elf, flash), flash.origin))
    return (file,)


def encode(data: bytes, address: int) -> bytes:
    """`data` at `address` (32 bits) as Intel HEX."""
    lines = [_record(*fields) for fields in _records(data, address)]
    return "".join(f"{line}\n" for line in lines).encode()


def _records(data: bytes, address: int) -> Iterator[tuple[int, int, bytes]]:
    """Type, 16-bit address and contents of every record."""
    upper = -1
    at = 0
    while at < len(data):
        here = address + at
        if here // _SEGMENT != upper:
            upper = here // _SEGMENT
            yield _UPPER_ADDRESS, 0, upper.to_bytes(2, "big")
        size = min(_LINE, _SEGMENT - here % _SEGMENT)
        yield _DATA, here % _SEGMENT, data[at : at + size]
        at += size
    yield _END, 0, b""


def _record(kind: int, address: int, data: bytes) -> str:
    body = bytes([len(data), *address.to_bytes(2, "big"), kind]) + data
    return f":{body.hex().upper()}{-sum(body) & 0xFF:02X}"
