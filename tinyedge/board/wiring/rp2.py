# SPDX-License-Identifier: Apache-2.0
"""Takes an RP2040 or RP2350 and a board with it, gives its PLL, its UART and the pins of that.

The PLL (RP2040 Datasheet 2.18, RP2350 Datasheet 8.6) multiplies the crystal by 16 to 320, to 750 to 1600 MHz,
and divides that twice, by 1 to 7. The fastest of the possible oscillators is taken, which jitters least, and
the larger divider first, which takes less power.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinyedge.board import wiring
from tinyedge.board.facts import Count, Facts, Positive, Word

if TYPE_CHECKING:
    from tinyedge.board import Board

_FACTOR = 16, 320
_OSCILLATOR_HZ = 750_000_000, 1_600_000_000
_CRYSTAL_HZ = 5_000_000, 15_000_000
_STEP = 1_000_000


class Uart(wiring.Choice):
    """A PL011: the address of its registers, its bit of RESETS.RESET."""

    address: Word
    reset: Count


class Sio(Facts):
    """The registers by which the CPU sets, clears and drives GPIO0 to 31."""

    set: Word
    clear: Word
    enable: Word


class Chip(wiring.Chip):
    """`least_hz`: the slowest clock that the port makes; below, flash and UART are set for faster ones."""

    least_hz: Positive
    sio: Sio
    uarts: dict[str, Uart]


def defines(chip: Chip, board: Board) -> dict[str, int]:
    """As wiring.defines."""
    assert board.clock_hz is not None
    if board.crystal is None or board.crystal.bypass:
        wiring.refuse(board, f"an {chip.name} needs a crystal, most have 12 MHz", "hz of [crystal]")
    crystal = board.crystal.hz
    if not _CRYSTAL_HZ[0] <= crystal <= _CRYSTAL_HZ[1]:
        wiring.refuse(board, f"the PLL of an {chip.name} takes a crystal of 5 to 15 MHz", "hz of [crystal]")
    found = _pll(crystal, board.clock_hz)
    if found is None or board.clock_hz < chip.least_hz:
        made = [hz for hz in range(chip.least_hz, chip.clock_hz + 1, _STEP) if _pll(crystal, hz)]
        made_of = f"{wiring.megahertz(board.clock_hz)} of a crystal of {wiring.megahertz(crystal)}"
        near = wiring.nearest(made, board.clock_hz)
        wiring.refuse(board, f"the port of an {chip.name} makes no {made_of}: {near}", "clock_hz")
    name, tx, rx = wiring.pins(board, chip, chip.uarts)
    assert board.uart is not None
    return {
        "CRYSTAL_HZ": crystal,
        "PLL_FACTOR": found[0],
        "PLL_DIVIDER1": found[1],
        "PLL_DIVIDER2": found[2],
        "UART": chip.uarts[name].address,
        "UART_RESET": chip.uarts[name].reset,
        "PIN_TX": int(board.uart.tx.removeprefix("GPIO")),
        "PIN_RX": int(board.uart.rx.removeprefix("GPIO")),
        "FUNCTION_TX": tx,
        "FUNCTION_RX": rx,
        **_marker(chip, board),
    }


def choices(chip: Chip) -> list[str]:
    """As wiring.choices."""
    return [
        "crystal of 5 to 15 MHz",
        *wiring.pin_lines(chip.uarts),
    ]


def _marker(chip: Chip, board: Board) -> dict[str, int]:
    place = re.fullmatch(r"GPIO(\d|[12]\d)", board.marker or "")
    if wiring.marker(board, place is not None, "GPIO0 to 29") is None:
        return {}
    assert place is not None
    bit = 1 << int(place[1])
    enable = {"MARKER_PIN": int(place[1]), "MARKER_ENABLE": chip.sio.enable}
    return enable | wiring.marked(chip.sio.set, bit, chip.sio.clear, bit)


def _pll(crystal_hz: int, clock_hz: int) -> tuple[int, int, int] | None:
    """Factor and both dividers."""
    for factor in range(_FACTOR[1], _FACTOR[0] - 1, -1):
        oscillator = crystal_hz * factor
        if not _OSCILLATOR_HZ[0] <= oscillator <= _OSCILLATOR_HZ[1] or oscillator % clock_hz:
            continue
        for first in range(7, 0, -1):
            second, rest = divmod(oscillator // clock_hz, first)
            if not rest and 1 <= second <= first:
                return factor, first, second
    return None
