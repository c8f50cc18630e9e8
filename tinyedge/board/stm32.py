# SPDX-License-Identifier: Apache-2.0
"""Takes pins of an STM32, as PB10, gives their numbers for te_board.h: all families have the same ports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinyedge.board import wiring

if TYPE_CHECKING:
    from tinyedge.board import Board

_PIN = re.compile(r"P[A-K](\d|1[0-5])")
_PORT = 0x400
"""Bytes from one port's registers to the next's."""
_BSRR = 0x18
"""Sets a pin by its bit, clears it by the bit 16 above."""


def pins(gpio: int, board: Board, functions: tuple[int, int]) -> dict[str, int]:
    """The UART's pins, with the alternate functions of TX and RX; `gpio`: the registers of port A."""
    assert board.uart is not None
    found: dict[str, int] = {}
    for role, pin, function in zip(("TX", "RX"), (board.uart.tx, board.uart.rx), functions, strict=True):
        port, number = _place(pin)
        found |= {
            f"{role}_PORT": port,
            f"GPIO_{role}": gpio + _PORT * port,
            f"PIN_{role}": number,
            f"FUNCTION_{role}": function,
        }
    return found


def marker(gpio: int, board: Board) -> dict[str, int]:
    """The marker's pin and how it is set and cleared; nothing where the board has none."""
    pin = board.marker
    pin = wiring.marker(board, bool(_PIN.fullmatch(pin or "")), "PA0 to PK15, where the package has them,")
    if pin is None:
        return {}
    port, number = _place(pin)
    return {
        "MARKER_PORT": port,
        "MARKER_GPIO": gpio + _PORT * port,
        "MARKER_PIN": number,
        **wiring.marked(
            gpio + _PORT * port + _BSRR, 1 << number, gpio + _PORT * port + _BSRR, 1 << number + 16
        ),
    }


def _place(pin: str) -> tuple[int, int]:
    """PB10 -> port 1, pin 10."""
    return ord(pin[1]) - ord("A"), int(pin[2:])
