# SPDX-License-Identifier: Apache-2.0
"""What goes onto a board: the ELF, or what the board's image format makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyedge import board, images
from tinyedge.board import ImageFacts
from tinyedge.errors import UsageError


def test_without_a_format_it_is_the_elf(tmp_path: Path) -> None:
    elf = tmp_path / "firmware.elf"
    assert images.make(elf, board.load("mps3-an547"), tmp_path) == (elf,)


def test_an_unknown_format_names_the_board_and_the_format(tmp_path: Path) -> None:
    facts = board.load("mps3-an547").model_copy(update={"image": ImageFacts(format="s19")})
    with pytest.raises(UsageError, match="mps3-an547: there is no image format 's19'"):
        images.make(tmp_path / "firmware.elf", facts, tmp_path)
