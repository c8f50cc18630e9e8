# SPDX-License-Identifier: Apache-2.0
"""Takes a Nordic chip whose UARTs are UARTEs alone and a board with it, gives its UARTE and the pins of that:
any two of the ports that it reaches.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinyedge.board import wiring
from tinyedge.board.facts import Count, Facts, Word

if TYPE_CHECKING:
    from tinyedge.board import Board

_CRYSTAL_HZ = 32_000_000


class Port(Facts):
    """The address of a port's registers, and how many pins it has."""

    address: Word
    pins: Count


class Uart(Facts):
    """A UARTE: the address of its registers, its interrupt, the ports whose pins it reaches."""

    address: Word
    interrupt: Count
    ports: tuple[str, ...]


class Chip(wiring.Chip):
    """`gpio_outset`: where a port has OUTSET, with OUTCLR behind it; `reserved`: pins that are something else
    on every board. The CPU runs at `clock_hz` or half of it.
    """

    gpio_outset: Word
    reserved: tuple[str, ...] = ()
    gpio: dict[str, Port]
    uarts: dict[str, Uart]


def defines(chip: Chip, board: Board) -> dict[str, int]:
    """As wiring.defines."""
    if board.clock_hz not in (chip.clock_hz, chip.clock_hz // 2):
        slow = chip.clock_hz // 2
        wiring.refuse(board, f"an {chip.name} runs at {chip.clock_hz} or {slow} Hz", "clock_hz")
    if board.crystal is not None and (board.crystal.hz != _CRYSTAL_HZ or board.crystal.bypass):
        wiring.refuse(board, f"an {chip.name} takes a crystal of 32 MHz", "hz of [crystal]")
    if board.uart is None or board.uart.name not in chip.uarts:
        wiring.refuse(board, f"an {chip.name} has {wiring.words(chip.uarts)}", "name of [uart]")
    uart = chip.uarts[board.uart.name]
    found = {"UARTE": uart.address, "UARTE_INTERRUPT": uart.interrupt}
    for role, pin in (("TX", board.uart.tx), ("RX", board.uart.rx)):
        number = _number(chip, uart.ports, pin)
        if number is None:
            can = _possible(chip, uart.ports)
            what = f"{pin} cannot be {role} of {board.uart.name} on an {chip.name}: {can} can"
            wiring.refuse(board, what, f"{role.lower()} of [uart]")
        found |= {f"PIN_{role}": number, f"GPIO_{role}": chip.gpio[pin[:2]].address}
    return found | _marker(chip, board)


def choices(chip: Chip) -> list[str]:
    """As wiring.choices."""
    uarts = [f"{name}: {_possible(chip, uart.ports)}" for name, uart in chip.uarts.items()]
    return ["crystal of 32 MHz", *uarts]


def _marker(chip: Chip, board: Board) -> dict[str, int]:
    number = None if board.marker is None else _number(chip, tuple(chip.gpio), board.marker)
    pin = wiring.marker(board, number is not None, _possible(chip, tuple(chip.gpio)))
    if pin is None or number is None:
        return {}
    port, bit = chip.gpio[pin[:2]].address, 1 << (number & 31)
    outset = port + chip.gpio_outset
    return {"MARKER_PIN": number, "MARKER_GPIO": port, **wiring.marked(outset, bit, outset + 4, bit)}


def _number(chip: Chip, ports: tuple[str, ...], pin: str) -> int | None:
    """A pin as PSEL has it, 32 a port; None where the chip has none of this name, or not to choose."""
    place = re.fullmatch(r"(P(\d))\.(\d\d)", pin)
    if place is None or place[1] not in ports or pin in chip.reserved:
        return None
    return int(place[2]) << 5 | int(place[3]) if int(place[3]) < chip.gpio[place[1]].pins else None


def _possible(chip: Chip, ports: tuple[str, ...]) -> str:
    ranges = " and ".join(f"{port}.00 to {port}.{chip.gpio[port].pins - 1:02d}" for port in ports)
    taken = [pin for pin in chip.reserved if pin[:2] in ports]
    return f"any of {ranges}{f' but {wiring.words(taken)}' if taken else ''}"
