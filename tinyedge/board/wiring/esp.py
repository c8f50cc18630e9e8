# SPDX-License-Identifier: Apache-2.0
"""Takes an ESP32 with USB-Serial-JTAG and a board with it, gives the pins of UART0: any, through the GPIO
matrix, where the chip's file has that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinyedge.board import wiring
from tinyedge.board.facts import Count, Facts, Word

if TYPE_CHECKING:
    from tinyedge.board import Board

_CRYSTAL_HZ = 40_000_000
_UART = "UART0"


class Matrix(Facts):
    """`signal` is UART0's number in the GPIO matrix, in and out; `gpio` and `io_mux` are the registers'
    addresses, `enable` the bit of an output that takes its enable from GPIO_ENABLE, `select` the bit of an
    input that takes it from the matrix.
    """

    signal: Word
    gpio: Word
    io_mux: Word
    enable: Count
    select: Count


class Chip(wiring.Chip):
    """`pins`: those that a board may choose, as numbers; `tx` and `rx`: those that the boot ROM set up, which
    a board cannot change without a `matrix`.
    """

    pins: tuple[Count, ...]
    tx: Count
    rx: Count
    matrix: Matrix | None = None


def defines(chip: Chip, board: Board) -> dict[str, int]:
    """As wiring.defines."""
    if board.clock_hz != chip.clock_hz:
        wiring.refuse(board, f"the port of an {chip.name} makes {chip.clock_hz} Hz, nothing else", "clock_hz")
    if board.crystal is not None and (board.crystal.hz != _CRYSTAL_HZ or board.crystal.bypass):
        wiring.refuse(board, f"an {chip.name} takes a crystal of 40 MHz", "hz of [crystal]")
    if board.uart is None or board.uart.name != _UART:
        wiring.refuse(board, f"the line of an {chip.name} is {_UART}, beside its USB", "name of [uart]")
    tx, rx = _number(chip, board, "tx"), _number(chip, board, "rx")
    if tx == rx:
        wiring.refuse(board, f"GPIO{tx} cannot be TX and RX at once: {_possible(chip)}", "[uart]")
    matrix = chip.matrix
    if matrix is None:
        if (tx, rx) != (chip.tx, chip.rx):
            wiring.refuse(board, f"UART0 of an {chip.name} is on GPIO{chip.tx} and GPIO{chip.rx}", "[uart]")
        wiring.marker(board, False, "no pin")
        return {"UART_MOVED": 0}
    return {
        "UART_MOVED": int((tx, rx) != (chip.tx, chip.rx)),
        "UART_SIGNAL": matrix.signal,
        "GPIO": matrix.gpio,
        "IO_MUX": matrix.io_mux,
        "GPIO_ENABLE": matrix.enable,
        "GPIO_SELECT": matrix.select,
        "PIN_TX": tx,
        "PIN_RX": rx,
        **_marker(chip, matrix, board),
    }


def choices(chip: Chip) -> list[str]:
    """As wiring.choices."""
    return ["crystal of 40 MHz", f"{_UART}: {_possible(chip)}"]


def _marker(chip: Chip, matrix: Matrix, board: Board) -> dict[str, int]:
    """Signal 128 of the GPIO matrix, where it has 7 bits, or 256, is the pin's own output."""
    number = _number_of(board.marker or "")
    if wiring.marker(board, number in chip.pins, _possible(chip)) is None:
        return {}
    high = matrix.gpio + (0xC if number >= 32 else 0)  # GPIO_OUT1
    return {
        "MARKER_PIN": number,
        "MARKER_SIGNAL": 1 << matrix.enable - 2,
        **wiring.marked(high + 0x08, 1 << number % 32, high + 0x0C, 1 << number % 32),
    }


def _number_of(pin: str) -> int:
    return int(pin[4:]) if re.fullmatch(r"GPIO\d\d?", pin) else -1


def _number(chip: Chip, board: Board, role: str) -> int:
    pin: str = getattr(board.uart, role)
    number = _number_of(pin)
    if number not in chip.pins:
        what = f"{pin} cannot be {role.upper()} of {_UART} on an {chip.name}: {_possible(chip)} can"
        wiring.refuse(board, what, f"{role} of [uart]")
    return number


def _possible(chip: Chip) -> str:
    """The pins, as ranges."""
    runs: list[list[int]] = []
    for pin in sorted(chip.pins):
        if runs and pin == runs[-1][1] + 1:
            runs[-1][1] = pin
        else:
            runs.append([pin, pin])
    return ", ".join(f"GPIO{a}" if a == b else f"GPIO{a} to {b}" for a, b in runs)
