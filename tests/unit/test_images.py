# SPDX-License-Identifier: Apache-2.0
"""What goes onto a board: the ELF, or what the board's image format makes of it."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from uf2utils.file import UF2File

from tests import runtime_toy
from tests.conftest import lacking
from tinyedge import board, images
from tinyedge.board import ImageFacts
from tinyedge.errors import UsageError
from tinyedge.images import hex as hexes
from tinyedge.images import stm32n6, uf2
from tinyedge.images._contents import contents


def test_without_a_format_it_is_the_elf(tmp_path: Path) -> None:
    elf = tmp_path / "firmware.elf"
    assert images.make(elf, board.load("mps3-an547"), tmp_path) == (elf,)


def test_an_unknown_format_names_the_board_and_the_format(tmp_path: Path) -> None:
    facts = board.load("mps3-an547").model_copy(update={"image": ImageFacts(format="s19")})
    with pytest.raises(UsageError, match="mps3-an547: there is no image format 's19'"):
        images.make(tmp_path / "firmware.elf", facts, tmp_path)


def test_another_reader_finds_in_a_uf2_what_was_put_there(tmp_path: Path) -> None:
    data = random.Random(7).randbytes(uf2.SECTOR + 300)
    file = tmp_path / "x.uf2"
    file.write_bytes(uf2.encode(data, 0x10000000, 0xE48BFF56))
    blocks = list(UF2File(str(file)))
    assert len(blocks) == 2 * uf2.SECTOR // uf2.PAYLOAD
    assert [block.header.address for block in blocks] == [0x10000000 + 256 * i for i in range(len(blocks))]
    assert [block.header.block_number for block in blocks] == list(range(len(blocks)))
    assert {block.header.total_blocks for block in blocks} == {len(blocks)}
    assert {block.header.payload_size for block in blocks} == {uf2.PAYLOAD}
    assert {block.header.board_family for block in blocks} == {0xE48BFF56}
    held = b"".join(bytes(block.payload) for block in blocks)
    assert held == data + b"\xff" * (2 * uf2.SECTOR - len(data))


@pytest.mark.parametrize("size", [1, 15, 16, 17, 300])
@pytest.mark.parametrize("address", [0, 0x0800FFF3, 0xFFFF0000])
def test_objcopy_finds_in_a_hex_file_what_was_put_there(tmp_path: Path, size: int, address: int) -> None:
    data = random.Random(size).randbytes(size)
    file = tmp_path / "x.hex"
    file.write_bytes(hexes.encode(data, address))
    assert _objcopy("ihex", "binary", file) == data
    first = _objcopy("ihex", "srec", file, "--srec-forceS3").split()[1]  # S3, count, address, ...
    assert first[4:12] == b"%08X" % address


def test_the_raw_image_is_what_objcopy_makes_of_the_elf(tmp_path: Path) -> None:
    facts = board.load("netduinoplus2")
    built = runtime_toy.build("netduinoplus2", tmp_path)
    for name in ("bin", "hex"):
        changed = facts.model_copy(update={"image": ImageFacts(format=name)})
        (file,) = images.make(built.elf, changed, tmp_path)
        assert file == tmp_path / f"firmware.{name}"
    # Only .text: the toy has no initialised data, and objcopy fills the way to that empty section in RAM.
    expected = _objcopy("elf32-littlearm", "binary", built.elf, "--only-section=.text")
    assert (tmp_path / "firmware.bin").read_bytes() == expected
    assert _objcopy("ihex", "binary", tmp_path / "firmware.hex") == expected
    # The vectors come first: the end of the stack, then an address of Thumb code in flash.
    stack, reset = (int.from_bytes(expected[at : at + 4], "little") for at in (0, 4))
    assert facts.memory is not None
    assert stack == facts.memory.ram.origin + facts.memory.stack
    assert reset & 1 and 0 < reset - facts.memory.flash.origin < len(expected)


def test_an_stm32n6_image_has_the_header_that_st_writes(tmp_path: Path) -> None:
    facts = board.load("stm32n6570-dk")
    built = runtime_toy.build("stm32n6570-dk", tmp_path)
    (file,) = built.files
    data = file.read_bytes()
    assert facts.memory is not None
    # The ROM loads all of it so that the image comes to where it was linked: 0x400 behind 0x34180000.
    assert facts.memory.flash.origin - stm32n6.HEADER == 0x34180000
    image = contents(built.elf, facts.memory.flash)
    assert data[0x400 : 0x400 + len(image)] == image
    assert not any(data[0x400 + len(image) :]) and len(data) % 16 == 0
    # As in images by STM32_SigningTool_CLI -nk -hv 2.3 -t fsbl.
    with built.elf.open("rb") as stream:
        entry = ELFFile(stream)["e_entry"]
    fields = {100: sum(data[0x240:]), 104: 0x20300, 108: len(data) - 0x240, 112: entry, 120: 0xFFFFFFFF}
    fields |= {132: 0x80000000, 136: 0x1A0, 140: 0x10, 164: 0x1A0}
    for at in range(4, 0x400, 4):
        if at != 160:
            assert int.from_bytes(data[at : at + 4], "little") == fields.get(at, 0), at
    assert data[:4] == b"STM2" and data[160:164] == b"ST\xff\xff"
    assert stm32n6.encode(image) == data  # the same bytes every time


def _objcopy(source: str, target: str, file: Path, *options: str) -> bytes:
    program = shutil.which("arm-none-eabi-objcopy") or shutil.which("objcopy")
    if program is None:
        lacking("there is no objcopy on PATH")
    out = file.with_suffix(".out")
    subprocess.run([program, "-I", source, "-O", target, *options, file, out], check=True, timeout=20)
    return out.read_bytes()


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"format": "uf2"}, "image.family: Field required"),
        ({"format": "uf2", "family": 1 << 32}, "image.family: Input should be less than"),
        ({"format": "uf2", "family": 1, "colour": "red"}, "image.colour: Extra inputs"),
        ({"format": "bin", "family": 1}, "no other keys"),
        ({"format": "hex", "family": 1}, "no other keys"),
        ({"format": "stm32n6", "family": 1}, "no other keys"),
    ],
)
def test_a_wrong_key_of_an_image_is_refused(tmp_path: Path, facts: dict[str, object], complaint: str) -> None:
    wrong = board.load("rp2040").model_copy(update={"image": ImageFacts.model_validate(facts)})
    with pytest.raises(UsageError, match=f"rp2040: .*{complaint}"):
        images.make(tmp_path / "firmware.elf", wrong, tmp_path)


@pytest.mark.parametrize(
    ("key", "value"), [("chip_id", 1 << 16), ("chip_id", "nine"), ("flash_size", "5MB"), ("weights_att", 3)]
)
def test_a_wrong_key_of_an_esp32_is_named(key: str, value: object, tmp_path: Path) -> None:
    facts = board.load("esp32s3")
    assert facts.image is not None
    wrong = facts.image.model_copy(update={key: value})
    with pytest.raises(UsageError, match=rf"^esp32s3: image\.{key}: "):
        images.make(tmp_path / "firmware.elf", facts.model_copy(update={"image": wrong}), tmp_path)
