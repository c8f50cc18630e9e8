# SPDX-License-Identifier: Apache-2.0
"""A board's baud compiles where its UART comes within 2 % of it, and is refused by the compiler where not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import runtime_toy as toy
from tinyedge import board as boards
from tinyedge import emit, paths
from tinyedge.bench import attach
from tinyedge.errors import UsageError

REACH, WRONG = "out of this USART's reach", "wrong by more than 2 %"


def _build(board: str, baud: int, folder: Path) -> None:
    text = (paths.boards() / f"{board}.toml").read_text(encoding="utf-8")
    file = folder / "board.toml"
    file.write_text(re.sub(r"^baud = \w+", f"baud = {baud}", text, flags=re.MULTILINE), encoding="utf-8")
    toy.build(str(file), folder / "out")


@pytest.mark.parametrize(
    ("board", "baud"),
    [
        ("nucleo-f446re", 9600),
        ("nucleo-f446re", 3_000_000),
        ("netduinoplus2", 3_000_000),
        ("stm32n6570-dk", 115_200),
        ("stm32n6570-dk", 3_000_000),
        ("nrf52840-dk", 115_200),
        ("nucleo-l4r5zi", 115_200),
    ],
)
def test_a_baud_in_reach_compiles(board: str, baud: int, tmp_path: Path) -> None:
    _build(board, baud, tmp_path)


@pytest.mark.parametrize(
    ("board", "baud", "complaint"),
    [
        ("nucleo-f446re", 300, REACH),  # 45 MHz / 300 = 150,000 cycles a bit, and BRR has 16 bits
        ("nucleo-f446re", 7_000_000, REACH),  # 6.4 cycles a bit, and 8 are the least
        ("nucleo-f446re", 4_700_000, WRONG),  # 9.57 cycles a bit
        ("stm32n6570-dk", 12_000_000, REACH),
        ("stm32n6570-dk", 6_700_000, WRONG),  # 9.55
        ("nucleo-l4r5zi", 9600, REACH),  # an LPUART counts 256ths of a cycle, and BRR has 20 bits
        ("nrf52840-dk", 921_600, "the nRF52's UART does"),  # its own table says 941,176
    ],
)
def test_a_baud_out_of_reach_does_not(board: str, baud: int, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=re.escape(complaint)) as error:
        _build(board, baud, tmp_path)
    assert f"cannot do {baud} bit/s" in str(error.value) and "`--baud`" in error.value.hint


@pytest.mark.parametrize("name", boards.names())
def test_a_rate_is_built_in_or_refused(name: str) -> None:
    """What an emulated UART or a pipe does not honour is said: a rate that does nothing would be believed."""
    board = boards.load(name)
    ignored = "host", "cortex_m/cmsdk/", "riscv/virt"
    if board.port.startswith(ignored):
        with pytest.raises(UsageError, match=f"the line of {name} has no rate to choose"):
            attach.at_baud(board, 57_600)
    else:
        given = attach.at_baud(board, 57_600)
        assert b"#define TE_BOARD_BAUD 57600u" in emit.emit_board(given)["te_board.h"]
    assert attach.at_baud(board, None) is board
