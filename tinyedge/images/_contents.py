# SPDX-License-Identifier: Apache-2.0
"""Takes an ELF and a region of memory, gives the bytes that the region holds with the image in it."""

from __future__ import annotations

from pathlib import Path

from elftools.elf.elffile import ELFFile

from tinyedge.board.facts import Region


def contents(elf: Path, region: Region) -> bytes:
    """What `region` holds with the image in it, from its first byte on; 0xFF where the image has nothing."""
    with elf.open("rb") as stream:
        segments = [s for s in ELFFile(stream).iter_segments() if s["p_type"] == "PT_LOAD" and s["p_filesz"]]
        parts = [(s["p_paddr"], s.data()) for s in segments if region.holds(s["p_paddr"])]
    end = max((address + len(data) for address, data in parts), default=region.origin)
    held = bytearray(b"\xff" * (end - region.origin))
    for address, data in parts:
        held[address - region.origin : address - region.origin + len(data)] = data
    return bytes(held)
