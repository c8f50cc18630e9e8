# SPDX-License-Identifier: Apache-2.0
"""Takes an STM32 whose USARTs have FIFOs and a board with it, gives its PLL, its USART and the pins of that.

The PLL divides crystal or internal oscillator, multiplies that, and divides what it makes by 2, 4, 6 or 8
(STM32L4+: RM0432, STM32U5: RM0456, STM32H7: RM0433, "PLL"). Both sources must come out alike, since the
firmware takes the internal one where the crystal does not start; its own assertions hold these numbers
again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinyedge.board import stm32, wiring
from tinyedge.board.facts import Count, Facts, Positive, Word

if TYPE_CHECKING:
    from tinyedge.board import Board

_DIVIDERS = (2, 4, 6, 8)
_CRYSTAL_HZ = 4_000_000, 50_000_000
_STEP = 1_000_000


class Pll(Facts):
    """What it multiplies and what it makes, in Hz; by how much; the dividers behind it and of its source."""

    input: tuple[Positive, Positive]
    oscillator: tuple[Positive, Positive]
    factor: tuple[Positive, Positive]
    least_divider: Positive
    source_divider: Positive


class Usart(wiring.Choice):
    """A USART: the addresses of its registers and of the one whose `bit` gives it a clock, its interrupt.

    `low_power`: an LPUART, whose baud is set in 256ths of a cycle.
    """

    address: Word
    low_power: bool = False
    enable: Word
    bit: Count
    interrupt: Count


class Chip(wiring.Chip):
    """`hsi_hz`: the internal oscillator. `gpio`: the registers of port A; `gpio_enable`: the one of the
    ports' clocks. `usart_divider`: from the CPU's clock to the USARTs'.
    """

    hsi_hz: Positive
    pll: Pll
    gpio: Word
    gpio_enable: Word
    usart_divider: Positive
    uarts: dict[str, Usart]


def defines(chip: Chip, board: Board) -> dict[str, int]:
    """As wiring.defines."""
    assert board.clock_hz is not None
    crystal = 0 if board.crystal is None else board.crystal.hz
    if crystal and not _CRYSTAL_HZ[0] <= crystal <= _CRYSTAL_HZ[1]:
        wiring.refuse(board, f"an {chip.name} takes a crystal of 4 to 50 MHz", "[crystal]")
    found = _pll(chip, crystal, board.clock_hz)
    if found is None:
        made = [hz for hz in range(16 * _STEP, chip.clock_hz + 1, _STEP) if _pll(chip, crystal, hz)]
        of = f"a crystal of {wiring.megahertz(crystal)}" if crystal else "the internal oscillator"
        what = f"the PLL of an {chip.name} makes no {wiring.megahertz(board.clock_hz)} of {of}"
        wiring.refuse(board, f"{what}: {wiring.nearest(made, board.clock_hz)}", "clock_hz or hz of [crystal]")
    name, *functions = wiring.pins(board, chip, chip.uarts)
    usart = chip.uarts[name]
    return {
        "HSI_HZ": chip.hsi_hz,
        "CRYSTAL_HZ": crystal,
        "CRYSTAL_BYPASS": int(board.crystal is not None and board.crystal.bypass),
        "PLL_INPUT_HZ": found[0],
        "PLL_FACTOR": found[1],
        "PLL_DIVIDER": found[2],
        "USART": usart.address,
        "USART_ENABLE": usart.enable,
        "USART_ENABLE_BIT": usart.bit,
        "USART_INTERRUPT": usart.interrupt,
        "USART_DIVIDER": chip.usart_divider,
        "USART_PARTS": 256 if usart.low_power else 1,
        "GPIO_ENABLE": chip.gpio_enable,
        **stm32.pins(chip.gpio, board, (functions[0], functions[1])),
        **stm32.marker(chip.gpio, board),
    }


def choices(chip: Chip) -> list[str]:
    """As wiring.choices."""
    return [
        "crystal of 4 to 50 MHz, or none: then the internal oscillator, right to 1 %",
        *wiring.pin_lines(chip.uarts),
    ]


def _pll(chip: Chip, crystal_hz: int, clock_hz: int) -> tuple[int, int, int] | None:
    """What it multiplies, in Hz, as much as makes `clock_hz` of both sources; by how much; its divider."""
    pll = chip.pll
    for divider in (one for one in _DIVIDERS if one >= pll.least_divider):
        oscillator = clock_hz * divider
        if not pll.oscillator[0] <= oscillator <= pll.oscillator[1]:
            continue
        for by in range(1, pll.source_divider + 1):
            given, rest = divmod(chip.hsi_hz, by)
            if rest or not pll.input[0] <= given <= pll.input[1] or oscillator % given or crystal_hz % given:
                continue
            if (
                crystal_hz // given <= pll.source_divider
                and pll.factor[0] <= oscillator // given <= pll.factor[1]
            ):
                return given, oscillator // given, divider
    return None
