# SPDX-License-Identifier: Apache-2.0
"""What goes onto a board: the ELF, or what the board's image format makes of it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from uf2utils.file import UF2File

from tinyedge import board, images
from tinyedge.board import ImageFacts
from tinyedge.errors import UsageError
from tinyedge.images import uf2


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


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"format": "uf2"}, "image.family: Field required"),
        ({"format": "uf2", "family": 1 << 32}, "image.family: Input should be less than"),
        ({"format": "uf2", "family": 1, "colour": "red"}, "image.colour: Extra inputs"),
        ({"format": "bin", "family": 1}, "no other keys"),
    ],
)
def test_a_wrong_key_of_an_image_is_refused(tmp_path: Path, facts: dict[str, object], complaint: str) -> None:
    wrong = board.load("rp2040").model_copy(update={"image": ImageFacts.model_validate(facts)})
    with pytest.raises(UsageError, match=f"rp2040: .*{complaint}"):
        images.make(tmp_path / "firmware.elf", wrong, tmp_path)
