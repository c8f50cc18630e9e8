# SPDX-License-Identifier: Apache-2.0
"""The drive that an RP2040's boot ROM shows: a folder, and a watcher that takes UF2 blocks and restarts.

Written from the UF2 specification (github.com/microsoft/uf2) and the RP2040 datasheet, section 2.8.4.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BLOCK = 512
FAMILY = 0xE48B_FF56
_HEAD = struct.Struct("<8I")
_MAGIC = (0x0A32_4655, 0x9E5D_5157)
_END = 0x0AB1_6F30
_INFO = "UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: {}\n"


class Rp2Drive:
    """A drive in `folder`. `flash`: what blocks carried, by address; `restarted`: it has seen them all."""

    def __init__(self, folder: Path, board_id: str = "RPI-RP2") -> None:
        self.folder = folder
        self.flash: dict[int, bytes] = {}
        self.restarted = False
        (folder / "INFO_UF2.TXT").write_text(_INFO.format(board_id))

    @contextmanager
    def plugged_in(self) -> Iterator[Path]:
        """The drive works as long as the block runs, or until it restarts."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(0.02) and not self.restarted:
                for file in self.folder.glob("*.uf2"):
                    self._take(file.read_bytes())

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield self.folder
        finally:
            ended.set()
            thread.join(10)

    def _take(self, data: bytes) -> None:
        total = -1
        for at in range(0, len(data) - BLOCK + 1, BLOCK):
            block = data[at : at + BLOCK]
            first, second, _, address, size, _, total, family = _HEAD.unpack_from(block)
            if (first, second) != _MAGIC or struct.unpack_from("<I", block, BLOCK - 4)[0] != _END:
                continue
            if family == FAMILY:
                self.flash[address] = block[_HEAD.size : _HEAD.size + size]
        if len(self.flash) == total:
            self.restarted = True
            (self.folder / "INFO_UF2.TXT").unlink()


def uf2(data: bytes, family: int = FAMILY, address: int = 0x1000_0000, size: int = 256) -> bytes:
    """`data` as UF2 blocks of `size` bytes each."""
    parts = [data[at : at + size].ljust(size, b"\0") for at in range(0, len(data), size)]
    blocks = (
        _HEAD.pack(*_MAGIC, 0x2000, address + index * size, size, index, len(parts), family)
        + part.ljust(BLOCK - _HEAD.size - 4, b"\0")
        + struct.pack("<I", _END)
        for index, part in enumerate(parts)
    )
    return b"".join(blocks)
