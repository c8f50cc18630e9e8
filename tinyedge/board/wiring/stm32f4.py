# SPDX-License-Identifier: Apache-2.0
"""Takes an STM32F4 and a board with it, gives its PLL, its bus dividers, its USART and the pins of that.

The PLL (RM0090, RM0383, RM0390, "Reset and clock control") divides crystal or internal oscillator to 1 to 2
MHz, multiplies that by 50 to 432 to at most 432 MHz, and gives half of it. Both sources must come out alike,
since the firmware takes the internal one where the crystal does not start; its own assertions hold these
numbers again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tinyedge.board import stm32, wiring
from tinyedge.board.facts import Count, Facts, Positive, Word

if TYPE_CHECKING:
    from tinyedge.board import Board

_INPUT_HZ = 1_000_000, 2_000_000
_OSCILLATOR_HZ = 100_000_000, 432_000_000
_FACTOR = 50, 432
_CRYSTAL_HZ = 4_000_000, 26_000_000
_CLOCK_IN_HZ = 50_000_000
_STEP = 1_000_000


class Bus(Facts):
    """APB1 or APB2: its fastest clock, and the smallest divider that the port may give it."""

    most_hz: Positive
    least_divider: Literal[1, 2]


class Usart(wiring.Choice):
    """A USART: the address of its registers, its bus, its bit of the bus's clocks, its interrupt."""

    address: Word
    bus: Literal[1, 2]
    enable: Count
    interrupt: Count


class Chip(wiring.Chip):
    """`hsi_hz`: the internal oscillator. `normal_hz`: above, the regulator needs its over-drive. `vos`: the
    bits of PWR_CR for its highest voltage. `prefetch`: the flash's works. `gpio`: the registers of port A.
    """

    hsi_hz: Positive
    normal_hz: Positive
    vos: Word
    prefetch: bool
    gpio: Word
    apb1: Bus
    apb2: Bus
    uarts: dict[str, Usart]


def defines(chip: Chip, board: Board) -> dict[str, int]:
    """As wiring.defines."""
    assert board.clock_hz is not None
    crystal = 0 if board.crystal is None else board.crystal.hz
    if crystal and not _CRYSTAL_HZ[0] <= crystal <= (_CLOCK_IN_HZ if _bypassed(board) else _CRYSTAL_HZ[1]):
        wiring.refuse(
            board, f"an {chip.name} takes a crystal of 4 to 26 MHz, a clock of up to 50", "[crystal]"
        )
    given = _pll_input(chip, crystal, board.clock_hz)
    if given is None:
        wiring.refuse(board, _possible(chip, crystal, board.clock_hz), "clock_hz or hz of [crystal]")
    name, tx, rx = wiring.pins(board, chip, chip.uarts)
    usart = chip.uarts[name]
    dividers = {1: _divider(chip.apb1, board.clock_hz), 2: _divider(chip.apb2, board.clock_hz)}
    return {
        "HSI_HZ": chip.hsi_hz,
        "CRYSTAL_HZ": crystal,
        "CRYSTAL_BYPASS": int(_bypassed(board)),
        "PLL_INPUT_HZ": given,
        "OVERDRIVE": int(board.clock_hz > chip.normal_hz),
        "VOS": chip.vos,
        "PREFETCH": int(chip.prefetch),
        "APB1_DIVIDER": dividers[1],
        "APB2_DIVIDER": dividers[2],
        "USART": usart.address,
        "USART_BUS": usart.bus,
        "USART_ENABLE": usart.enable,
        "USART_INTERRUPT": usart.interrupt,
        "USART_DIVIDER": dividers[usart.bus],
        **stm32.pins(chip.gpio, board, (tx, rx)),
        **stm32.marker(chip.gpio, board),
    }


def choices(chip: Chip) -> list[str]:
    """As wiring.choices."""
    return [
        "crystal of 4 to 26 MHz, or none: then the internal oscillator, right to 1 %",
        *wiring.pin_lines(chip.uarts),
    ]


def _bypassed(board: Board) -> bool:
    return board.crystal is not None and board.crystal.bypass


def _divider(bus: Bus, clock_hz: int) -> int:
    possible = (divider for divider in (1, 2, 4) if divider >= bus.least_divider)
    return next(divider for divider in possible if clock_hz <= bus.most_hz * divider)


def _pll_input(chip: Chip, crystal_hz: int, clock_hz: int) -> int | None:
    """What the PLL multiplies, in Hz: the highest that makes `clock_hz` exactly of both sources."""
    oscillator = 2 * clock_hz
    if not _OSCILLATOR_HZ[0] <= oscillator <= _OSCILLATOR_HZ[1]:
        return None
    for divider in range(2, 64):
        given, rest = divmod(chip.hsi_hz, divider)
        if rest or not _INPUT_HZ[0] <= given <= _INPUT_HZ[1]:
            continue
        made_of_crystal = crystal_hz % given == 0 and (crystal_hz == 0 or 2 <= crystal_hz // given <= 63)
        if made_of_crystal and oscillator % given == 0 and _FACTOR[0] <= oscillator // given <= _FACTOR[1]:
            return given
    return None


def _possible(chip: Chip, crystal_hz: int, clock_hz: int) -> str:
    """What the PLL can do: the clocks around the one that it cannot make, or crystals that go with it."""
    made = [hz for hz in range(50 * _STEP, chip.clock_hz + 1, _STEP) if _pll_input(chip, crystal_hz, hz)]
    if made:
        what = wiring.nearest(made, clock_hz)
    else:
        tried = range(_CRYSTAL_HZ[0], _CRYSTAL_HZ[1] + 1, _STEP)
        good = [f"{hz / 1e6:g}" for hz in tried if _pll_input(chip, hz, clock_hz)]
        what = f"crystals that go with it have {', '.join(good)} MHz" if good else "no crystal goes with it"
    of = f"a crystal of {wiring.megahertz(crystal_hz)}" if crystal_hz else "the internal oscillator"
    return f"the PLL of an {chip.name} makes no {wiring.megahertz(clock_hz)} of {of}: {what}"
