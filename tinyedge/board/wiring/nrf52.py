# SPDX-License-Identifier: Apache-2.0
"""Takes an nRF52 and a board with it, gives the pins of its UART: any two, the clock is always 64 MHz."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinyedge.board import wiring
from tinyedge.board.facts import Count

if TYPE_CHECKING:
    from tinyedge.board import Board

_CRYSTAL_HZ = 32_000_000
_UART = "UART0"
_GPIO, _PORT, _OUTSET, _OUTCLR = 0x5000_0000, 0x300, 0x508, 0x50C


class Chip(wiring.Chip):
    """`pins`: how many each of its ports has; `reserved`: those that are something else on every board."""

    pins: tuple[Count, ...]
    reserved: tuple[str, ...] = ()


def defines(chip: Chip, board: Board) -> dict[str, int]:
    """As wiring.defines."""
    if board.clock_hz != chip.clock_hz:
        wiring.refuse(board, f"an {chip.name} always runs at {chip.clock_hz} Hz", "clock_hz")
    if board.crystal is not None and (board.crystal.hz != _CRYSTAL_HZ or board.crystal.bypass):
        wiring.refuse(board, f"an {chip.name} takes a crystal of 32 MHz", "hz of [crystal]")
    if board.uart is None or board.uart.name != _UART:
        wiring.refuse(board, f"the line of an {chip.name} is {_UART}", "name of [uart]")
    found = {}
    for role, pin in (("TX", board.uart.tx), ("RX", board.uart.rx)):
        number = _number(chip, pin)
        if number is None:
            what = f"{pin} cannot be {role} of {_UART} on an {chip.name}: {_possible(chip)} can"
            wiring.refuse(board, what, f"{role.lower()} of [uart]")
        found[f"PIN_{role}"] = number
    number = None if board.marker is None else _number(chip, board.marker)
    if wiring.marker(board, number is not None, _possible(chip)) is not None:
        assert number is not None
        port, bit = _GPIO + _PORT * (number >> 5), 1 << (number & 31)
        found |= {"MARKER_PIN": number, **wiring.marked(port + _OUTSET, bit, port + _OUTCLR, bit)}
    return found


def choices(chip: Chip) -> list[str]:
    """As wiring.choices."""
    return ["crystal of 32 MHz", f"{_UART}: {_possible(chip)}"]


def _number(chip: Chip, pin: str) -> int | None:
    """A pin as PSEL has it, 32 a port; None where the chip has none of this name, or not to choose."""
    place = re.fullmatch(r"P([01])\.(\d\d)", pin)
    port, number = (int(place[1]), int(place[2])) if place else (9, 0)
    if port >= len(chip.pins) or number >= chip.pins[port] or pin in chip.reserved:
        return None
    return port << 5 | number


def _possible(chip: Chip) -> str:
    ports = " and ".join(f"P{port}.00 to P{port}.{count - 1:02d}" for port, count in enumerate(chip.pins))
    but = f" but {wiring.words(chip.reserved)}" if chip.reserved else ""
    return f"any of {ports}{but}"
