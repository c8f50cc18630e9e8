# SPDX-License-Identifier: Apache-2.0
"""Takes a board and bytes of heap, says whether its MicroPython has as many, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

from tinyedge import paths
from tinyedge.board import Board

_USED, _OF = 128, 131
"""Three bits of 16 bytes say what is free (MicroPython, py/gc.c: two of the ATB, one of the FTB)."""
_READ = "micropython.mem_info() on the board says it"


@dataclass(frozen=True)
class Heap:
    """Facts of boards/micropython/heap/: in any firmware it has `least` bytes or more, and at most `most`.

    most: None where it grows. source: a file of MicroPython 1.29's, unless it names another tree.
    """

    least: int
    most: int | None
    source: str


def of(board: Board) -> Heap | None:
    """None where we know nothing of the board's."""
    for file in sorted((paths.boards() / "micropython" / "heap").glob("*.toml")):
        facts = paths.read_toml(file)[0]
        if board.name in facts["boards"]:
            return Heap(facts["least"], facts.get("most"), facts["source"])
    return None


def verdict(needed: int, board: Board) -> str:
    """Whether `needed` bytes fit, and why; what to ask where nobody can know that from here."""
    found = of(board)
    ram = board.memory.ram.length if board.memory else None
    if found is None:
        if ram is not None and needed >= ram:
            return f"does not fit: the chip has {ram:,} bytes of RAM in all"
        return f"the heap of {board.name}'s MicroPython is not known to us: {_READ}"
    least = found.least * _USED // _OF
    if needed <= least:
        return f"fits: the heap has at least {least:,} ({found.source})"
    if found.most is None:
        return f"may fit: the heap grows from {least:,} while there is memory ({found.source}); {_READ}"
    most = found.most * _USED // _OF
    if needed > most:
        return f"does not fit: the heap has at most {most:,} ({found.source})"
    return f"may fit: the heap has {least:,} to {most:,}, by the firmware ({found.source}); {_READ}"
