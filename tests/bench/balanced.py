# SPDX-License-Identifier: Apache-2.0
"""Takes the models of MLPerf Tiny, gives what `--optimize balanced` costs beside the ends, on every core.

`python -m tests.bench.balanced [BOARD ...]` writes BALANCED.md beside this file; lines of boards that are not
named stay. What is optimised for speed and for size is read in RESULTS.md, and all of `esp32s3` in S3.md,
which are renewed first.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests import plugin as plugins
from tests.bench import bench, s3, tables
from tests.bench.tables import row
from tinyedge import board as boards

RESULTS = bench.HERE / "BALANCED.md"
SLOWER, LARGER = 1.10, 1.15
"""What a balanced image may take of the instructions for speed, and of the flash for size."""
HEAD = f"""# Balanced

Made by `python -m tests.bench.balanced`: do not edit. Instructions per inference and total flash in bytes, of
`--optimize speed`, `balanced` and `size`, in each line of one state of the kernels; **bold** where balanced
takes more than {SLOWER:.2f} of the instructions for speed, or more than {LARGER:.2f} of the flash for size.

| board | model | instructions: speed | balanced | size | to speed | flash: speed | balanced | size | to it |
| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |
"""
Figures = tuple[int, int]
"""Instructions and bytes of flash."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write BALANCED.md."""
    order = (*bench.BOARDS, s3.BOARD)
    files = sorted((*bench.MODELS.glob("*.tflite"), bench.OURS), key=lambda file: file.name)
    lines = known()
    with tempfile.TemporaryDirectory() as scratch:
        for board in arguments or order:
            ends = of_s3() if board == s3.BOARD else of_board(board)
            for file in files:
                balanced = measure(board, file, Path(scratch))
                made = line(board, file.stem, balanced, *(ends[file.stem, end] for end in ("speed", "size")))
                print(made, flush=True)
                lines[board, file.stem] = made
    text = "".join(f"{lines[key]}\n" for key in sorted(lines, key=lambda key: (order.index(key[0]), key[1])))
    RESULTS.write_text(HEAD + text, encoding="utf-8")
    return 0


def known() -> dict[tuple[str, str], str]:
    """The lines of BALANCED.md by board and model."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else ""
    lines = [line for line in text.splitlines() if line.startswith("| ")][2:]
    return {(cells[0], cells[1]): line for line in lines for cells in [tables.cells(line)]}


def measure(board: str, file: Path, scratch: Path) -> Figures:
    """What a balanced image takes."""
    if board == s3.BOARD:
        return of_s3()[file.stem, "balanced"]
    plugin = plugins.compile(bench.PLUGIN, scratch)
    made = bench.measure(boards.load(board), file, "balanced", plugin, scratch)
    assert made.build.flash.total is not None
    return made.instructions, made.build.flash.total


def of_board(board: str) -> dict[tuple[str, str], Figures]:
    """What RESULTS.md says of a board, by model and what is optimised for."""
    text = bench.RESULTS.read_text(encoding="utf-8").split(f"\n## {board}:")[1].split("Flash by part")[0]
    rows = [tables.cells(line) for line in text.splitlines() if line.startswith("| ")]
    columns: Mapping[str, int] = {name: rows[0].index(name) for name in ("instructions", "total flash")}
    return {
        (found[0], found[1]): (
            _number(found[columns["instructions"]]),
            _number(found[columns["total flash"]]),
        )
        for found in rows[2:]
    }


def of_s3() -> dict[tuple[str, str], Figures]:
    """What S3.md says, by model and what is optimised for."""
    return {key: _of_s3(tables.cells(line)) for key, line in s3.known().items()}


def _of_s3(cells: Sequence[str]) -> Figures:
    return _number(cells[2]), _number(cells[-2]) + _number(cells[-1])


def line(board: str, model: str, balanced: Figures, speed: Figures, size: Figures) -> str:
    """A line of the table."""
    slower, larger = balanced[0] / speed[0], balanced[1] / size[1]
    every = (speed, balanced, size)
    return row(
        board,
        model,
        *(f"{figures[0]:,}" for figures in every),
        f"**{slower:.3f}**" if slower > SLOWER else f"{slower:.3f}",
        *(f"{figures[1]:,}" for figures in every),
        f"**{larger:.3f}**" if larger > LARGER else f"{larger:.3f}",
    )


def _number(text: str) -> int:
    return int(text.replace(",", ""))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
