# SPDX-License-Identifier: Apache-2.0
"""Takes images for RP2 chips as each compiler makes them, shows that the chips' boot ROMs would start them.

What a ROM checks is written down here once more, from the datasheets: RP2040 2.8.1, RP2350 5.1 and 5.9.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from uf2utils.file import UF2File

from tests import runtime_toy as toy
from tests.conftest import lacking
from tinyedge import board as boards
from tinyedge.images._contents import contents
from tinyedge.toolchain import Image, compilers

FLASH = 0x10000000
BUILDS = [(name, c) for name in ("rp2040", "rp2350-arm", "rp2350-riscv") for c in ("zig", "gcc")]


def _build(board: str, compiler: str, out: Path) -> tuple[Image, bytes]:
    facts = boards.load(board)
    install = compilers.missing(facts, compiler)
    if install is not None:
        lacking(f"{compiler} for {board} is missing: {install}")
    assert facts.memory is not None
    built = toy.build(board, out, compiler)
    return built, contents(built.elf, facts.memory.flash)


def _crc32(data: bytes) -> int:
    """Highest bit first, from all ones, neither reflected nor inverted."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if crc >> 31 else crc << 1
    return crc


def _entry(built: Image) -> int:
    with built.elf.open("rb") as stream:
        return int(ELFFile(stream)["e_entry"])


def _stack_top(built: Image) -> int:
    memory = boards.load("rp2040").memory
    assert memory is not None and built.stack_size is not None
    return memory.ram.origin + built.stack_size


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_the_second_stage_of_the_rp2040_has_its_checksum_and_finds_the_vectors(
    compiler: str, tmp_path: Path
) -> None:
    assert _crc32(b"123456789") == 0x0376E6E7  # CRC-32/MPEG-2
    built, flash = _build("rp2040", compiler, tmp_path)
    assert _crc32(flash[:252]) == int.from_bytes(flash[252:256], "little")
    assert struct.unpack_from("<2I", flash, 256) == (_stack_top(built), _entry(built))


@pytest.mark.parametrize(("board", "kind", "words"), [("rp2350-arm", 0x1021, 1), ("rp2350-riscv", 0x1101, 4)])
@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_the_rp2350_finds_a_block_that_says_what_the_image_is(
    board: str, kind: int, words: int, compiler: str, tmp_path: Path
) -> None:
    built, flash = _build(board, compiler, tmp_path)
    at = flash[:4096].index(struct.pack("<I", 0xFFFFDED3))
    assert at % 4 == 0
    items = []
    place = at + 4
    while flash[place] != 0xFF:
        items.append((flash[place], flash[place : place + 4 * flash[place + 1]]))
        place += 4 * flash[place + 1]
    assert struct.unpack_from("<BHB", flash, place) == (0xFF, words, 0)
    assert place == at + 4 + 4 * words
    assert struct.unpack_from("<iI", flash, place + 4) == (0, 0xAB123579)
    assert items[0] == (0x42, struct.pack("<BBH", 0x42, 1, kind))
    if board == "rp2350-riscv":
        assert items[1:] == [(0x44, struct.pack("<BBHII", 0x44, 3, 0, _entry(built), _stack_top(built)))]
    else:  # without such an item, the vectors are what the image begins with
        assert items[1:] == []
        assert struct.unpack_from("<2I", flash, 0) == (_stack_top(built), _entry(built))


@pytest.mark.parametrize(("board", "compiler"), BUILDS)
def test_the_uf2_holds_the_flash_of_the_elf(board: str, compiler: str, tmp_path: Path) -> None:
    built, flash = _build(board, compiler, tmp_path)
    blocks = list(UF2File(str(built.files[0])))
    assert [block.header.address for block in blocks] == [FLASH + 256 * i for i in range(len(blocks))]
    assert b"".join(bytes(block.payload) for block in blocks)[: len(flash)] == flash
