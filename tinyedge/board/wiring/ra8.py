# SPDX-License-Identifier: Apache-2.0
"""Takes an RA8 of Renesas and a board with it, gives its PLL, its SCI and the pins of that.

PLL1 divides the crystal by 1 to 4, multiplies that, and divides what it makes by 2, 4 or 8 (RA8M1 User's
Manual: Hardware, "Clock Generation Circuit"); the firmware's own assertions hold these numbers again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinyedge.board import wiring
from tinyedge.board.facts import Count, Facts, Positive, Word

if TYPE_CHECKING:
    from tinyedge.board import Board

_CRYSTAL_HZ = 8_000_000, 48_000_000
_DIVIDERS = (2, 4, 8)
_STEP = 1_000_000
_SLOWEST = 80_000_000
_PORTS = "0123456789AB"
_PIN = re.compile(rf"P([{_PORTS}])(0\d|1[0-5])")
_PORT_0, _PORT_BYTES, _PCNTR3 = 0x4040_0000, 0x20, 0x08
"""A port's registers; PCNTR3 sets a pin by its bit, and clears it by the bit 16 above."""


class Pll(Facts):
    """What it multiplies and what it makes of that, in Hz, from and to; by how much."""

    input: tuple[Positive, Positive]
    oscillator: tuple[Positive, Positive]
    factor: tuple[Positive, Positive]


class Sci(wiring.Choice):
    """An SCI: the address of its registers, its bit in MSTPCRB, the event of a received byte."""

    address: Word
    stop_bit: Count
    event: Count


class Chip(wiring.Chip):
    """An RA8 with PLL and SCIs; the CPU's bus runs at half its clock, the SCIs at a quarter."""

    pll: Pll
    uarts: dict[str, Sci]


def defines(chip: Chip, board: Board) -> dict[str, int]:
    """As wiring.defines."""
    assert board.clock_hz is not None
    if board.crystal is None or not _CRYSTAL_HZ[0] <= board.crystal.hz <= _CRYSTAL_HZ[1]:
        wiring.refuse(board, f"an {chip.name} takes a crystal of 8 to 48 MHz", "hz of [crystal]")
    found = _pll(chip.pll, board.crystal.hz, board.clock_hz)
    if found is None:
        made = [
            hz for hz in range(_SLOWEST, chip.clock_hz + 1, _STEP) if _pll(chip.pll, board.crystal.hz, hz)
        ]
        of = f"a crystal of {wiring.megahertz(board.crystal.hz)}"
        what = f"the PLL of an {chip.name} makes no {wiring.megahertz(board.clock_hz)} of {of}"
        wiring.refuse(board, f"{what}: {wiring.nearest(made, board.clock_hz)}", "clock_hz or hz of [crystal]")
    name, tx, rx = wiring.pins(board, chip, chip.uarts)
    sci = chip.uarts[name]
    assert board.uart is not None
    return {
        "CRYSTAL_HZ": board.crystal.hz,
        "CRYSTAL_BYPASS": int(board.crystal.bypass),
        "PLL_SOURCE_DIVIDER": found[0],
        "PLL_FACTOR": found[1],
        "PLL_DIVIDER": found[2],
        "SCI": sci.address,
        "SCI_STOP_BIT": sci.stop_bit,
        "SCI_EVENT": sci.event,
        "PLACE_TX": _place(board.uart.tx),
        "PLACE_RX": _place(board.uart.rx),
        "FUNCTION_TX": tx,
        "FUNCTION_RX": rx,
        **_marker(board),
    }


def choices(chip: Chip) -> list[str]:
    """As wiring.choices."""
    return ["crystal of 8 to 48 MHz", *wiring.pin_lines(chip.uarts)]


def _marker(board: Board) -> dict[str, int]:
    possible = _PIN.fullmatch(board.marker or "") is not None
    pin = wiring.marker(board, possible, "P000 to PB15, where the package has them,")
    if pin is None:
        return {}
    port, number = divmod(_place(pin), 16)
    at = _PORT_0 + _PORT_BYTES * port + _PCNTR3
    return {"MARKER_PLACE": _place(pin), **wiring.marked(at, 1 << number, at, 1 << number + 16)}


def _place(pin: str) -> int:
    """PA14 -> 174: 16 pins a port."""
    return 16 * _PORTS.index(pin[1]) + int(pin[2:])


def _pll(pll: Pll, crystal_hz: int, clock_hz: int) -> tuple[int, int, int] | None:
    """The divider of the crystal, the factor, the divider behind it."""
    for divider in _DIVIDERS:
        oscillator = clock_hz * divider
        if not pll.oscillator[0] <= oscillator <= pll.oscillator[1]:
            continue
        for by in range(1, 5):
            given, rest = divmod(crystal_hz, by)
            if rest or oscillator % given or not pll.input[0] <= given <= pll.input[1]:
                continue
            if pll.factor[0] <= oscillator // given <= pll.factor[1]:
                return by, oscillator // given, divider
    return None
