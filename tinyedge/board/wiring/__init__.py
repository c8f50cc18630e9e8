# SPDX-License-Identifier: Apache-2.0
"""Takes a Board, gives what its port is told of the wiring: numbers for te_board.h, checked against the chip.

What boards of one chip choose differently (crystal, clock, UART, pins, memory) stands in the board's file,
what the chip can do in `chips/<chip>.toml` of its port. A family of chips is a file here, which the chip's
file names: `Chip`, the class of those facts; `defines(chip, board)`, from what is chosen to TE_BOARD_*
numbers, or a UsageError that says what is possible; `choices(chip)`, that in words.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn, Protocol

from tinyedge import paths
from tinyedge.board import facts
from tinyedge.board.facts import Facts, Folder, Name, Positive, Region, Word
from tinyedge.errors import UsageError

if TYPE_CHECKING:
    from tinyedge.board import Board

CHIPS = "chips"


class Chip(Facts):
    """What every chip's file says.

    `wiring` is a file here, `ports` are the folders that know this chip. `flash` and `ram` is what there is
    of memory on the largest part, bytes; `clock_hz` the fastest clock of its CPU. `source` names the
    documents.
    """

    name: Name
    description: str
    wiring: Name
    ports: tuple[Folder, ...]
    flash: Region
    ram: Region
    clock_hz: Positive
    source: str


class Pins(Protocol):
    """A UART of a chip: which pins may be its TX and its RX, and the function that a pin then has."""

    @property
    def tx(self) -> Mapping[str, int]:
        """Pin -> function."""

    @property
    def rx(self) -> Mapping[str, int]:
        """Pin -> function."""


class Choice(Facts):
    """A UART whose pins are chosen among a few, by their function."""

    tx: dict[Name, Word]
    rx: dict[Name, Word]


def defines(board: Board) -> dict[str, int]:
    """What te_board.h says of the wiring: name without TE_BOARD_ -> value, none where the port has it fixed.

    UsageError for what the chip cannot do, with what it can.
    """
    chip = find(board)
    if chip is None:
        return {}
    _check_memory(chip, board)
    if board.clock_hz is None or board.clock_hz > chip.clock_hz:
        refuse(board, f"an {chip.name} runs at {chip.clock_hz} Hz at most", "clock_hz")
    if board.ticks.hz != board.clock_hz:
        refuse(board, f"the tick counter runs at the CPU's clock, {board.clock_hz} Hz", "hz of [ticks]")
    found: dict[str, int] = _family(chip.wiring).defines(chip, board)
    return found


def choices(board: Board) -> list[str]:
    """What a board of this chip may choose, a line each."""
    chip = find(board)
    if chip is None:
        return []
    lines: list[str] = _family(chip.wiring).choices(chip)
    return [f"{chip.name}: clock_hz up to {chip.clock_hz}", *lines]


def find(board: Board) -> Chip | None:
    """The facts of the board's chip; None where its port has all wiring fixed. UsageError names the chips."""
    files = _chips(board)
    if board.chip is None:
        given = [key for key in ("crystal", "uart", "marker") if getattr(board, key) is not None]
        if files:
            refuse(board, f"{board.port} knows {words(files)}", "chip")
        if given:
            refuse(board, f"{board.port} has its wiring fixed: it takes no {given[0]}", given[0])
        return None
    if board.chip not in files:
        known = f"knows {words(files)}" if files else "has its wiring fixed"
        refuse(board, f"{board.port} {known}, not {board.chip}", "chip")
    file = files[board.chip]
    content = facts.read(file)
    family = content.get("wiring")
    if family not in families():
        raise UsageError(
            f"{file}: wiring = {family!r} is none of {words(families())}", "`tinyedge docs boards`"
        )
    chip: Chip = facts.check(_family(str(family)).Chip, {**content, "name": file.stem}, file)
    own = board.folder is not None and (board.folder / board.port).is_dir()
    if board.port not in chip.ports and not own:
        refuse(board, f"the port of an {chip.name} is {words(chip.ports)}, not {board.port}", "port")
    return chip


def families() -> list[str]:
    """The families of chips that there is wiring for, sorted."""
    return sorted(info.name for info in pkgutil.iter_modules(__path__))


def pins(board: Board, chip: Chip, uarts: Mapping[str, Pins]) -> tuple[str, int, int]:
    """The board's UART, and the functions of its TX and RX; UsageError names those that could be chosen."""
    if board.uart is None:
        refuse(board, f"an {chip.name} has {words(uarts)}", "[uart] with name, tx and rx")
    chosen = uarts.get(board.uart.name)
    if chosen is None:
        refuse(board, f"an {chip.name} has no {board.uart.name}, but {words(uarts)}", "name of [uart]")
    functions = []
    for role, pin, possible in (("TX", board.uart.tx, chosen.tx), ("RX", board.uart.rx, chosen.rx)):
        if pin not in possible:
            what = f"{pin} cannot be {role} of {board.uart.name} on an {chip.name}: {_or(possible)} can"
            refuse(board, what, f"{role.lower()} of [uart]")
        functions.append(possible[pin])
    return board.uart.name, functions[0], functions[1]


def marker(board: Board, possible: bool, which: str) -> str | None:
    """The pin that is to be high while a model runs, None where the board names none.

    possible: whether it is a pin that can be one, `which` in words. UsageError says so, and where it is the
    UART's.
    """
    if board.marker is None:
        return None
    if not possible:
        refuse(board, f"{board.marker} cannot be the marker: {which} can", "marker")
    if board.uart is not None and board.marker in (board.uart.tx, board.uart.rx):
        refuse(board, f"{board.marker} is a pin of {board.uart.name} already", "marker")
    return board.marker


def marked(set_at: int, set_bits: int, clear_at: int, clear_bits: int) -> dict[str, int]:
    """What firmware/ports/marker.h needs: a word to write to a register for high, and one for low."""
    return {
        "MARKER_SET": set_at,
        "MARKER_SET_BITS": set_bits,
        "MARKER_CLEAR": clear_at,
        "MARKER_CLEAR_BITS": clear_bits,
    }


def refuse(board: Board, possible: str, key: str) -> NoReturn:
    """Raise the UsageError that says what is possible, and which key to change."""
    raise UsageError(f"{board.name}: {possible}", f"set {key} in the board's file (`tinyedge docs boards`)")


def words(names: Iterable[str]) -> str:
    """Names, as a sentence has them."""
    return ", ".join(sorted(names))


def pin_lines(uarts: Mapping[str, Pins]) -> list[str]:
    """The UARTs and which pins they may have, a line each."""
    return [f"{name}: tx {_or(uart.tx)}; rx {_or(uart.rx)}" for name, uart in uarts.items()]


def nearest(made: Iterable[int], hz: int) -> str:
    """The two frequencies of `made` that are nearest to `hz`, as a sentence ends with them."""
    near = sorted(sorted(made, key=lambda one: abs(one - hz))[:2])
    return f"the nearest are {' and '.join(map(megahertz, near))}" if near else "it makes none"


def megahertz(hz: float) -> str:
    """A frequency, short."""
    return f"{hz / 1e6:.6g} MHz"


def _or(names: Iterable[str]) -> str:
    *most, last = sorted(names, key=lambda name: (name.rstrip("0123456789"), len(name), name))
    return f"{', '.join(most)} or {last}" if most else last


def _check_memory(chip: Chip, board: Board) -> None:
    if board.memory is None:
        refuse(board, f"an {chip.name} has memory of its own", "[memory]")
    for name in ("flash", "ram"):
        whole: Region = getattr(chip, name)
        part: Region = getattr(board.memory, name)
        if not whole.contains(part):
            size = f"{whole.length} bytes at 0x{whole.origin:08X}"
            refuse(
                board,
                f"an {chip.name} has {size} of {name}, and memory.{name} leaves them",
                f"{name} of [memory]",
            )


def _chips(board: Board) -> dict[str, Path]:
    """The chips that the board's port knows: those of its folders, and those beside the board's file."""
    roots = [paths.firmware() / "ports", *([board.folder] if board.folder else [])]
    found: dict[str, Path] = {}
    for folder in board.port_folders:
        for root in roots:
            for file in sorted((root / folder / CHIPS).glob("*.toml")):
                if file.resolve().is_relative_to(root.resolve()):
                    found[file.stem] = file
    return found


def _family(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")
