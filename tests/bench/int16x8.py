# SPDX-License-Identifier: Apache-2.0
"""Takes int8 models of MLPerf Tiny, gives exact instructions of the same networks in int16x8, by board.

`python -m tests.bench.int16x8 [BOARD ...]` (all of BOARDS when none is named) writes INT16X8.md beside
this file; lines of other boards stay.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests import lx7
from tests import plugin as plugins
from tests.bench import bench, widened
from tinyedge import board as boards

RESULTS = Path(__file__).resolve().parent / "INT16X8.md"
BOARDS = (*bench.BOARDS, lx7.BOARD)
MODELS = ("ad01_int8", "pretrainedResnet_quant")
HEAD = """# int16x8

Made by `python -m tests.bench.int16x8`: do not edit. MLPerf Tiny's int8 models with the same weights and
int16 activations (widened.py), optimised for speed. Instructions per inference are exact counts under QEMU
(esp32s3: in tests/lx7), and no cycles.

| board | model | instructions | per MAC | arena | stack seen |
| --- | --- | --: | --: | --: | --: |
"""
LINE = re.compile(r"\| ([\w-]+) \| (\w+) \| [\d,]+ \|")


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write INT16X8.md."""
    lines = known()
    with tempfile.TemporaryDirectory() as scratch:
        plugin = plugins.compile(bench.PLUGIN, Path(scratch))
        for board in arguments or BOARDS:
            for name in MODELS:
                lines[board, name] = line(board, name, plugin, Path(scratch))
                print(lines[board, name], flush=True)
    ordered = [(board, name) for board in BOARDS for name in MODELS if (board, name) in lines]
    RESULTS.write_text(HEAD + "".join(f"{lines[key]}\n" for key in ordered), encoding="utf-8")
    return 0


def known() -> dict[tuple[str, str], str]:
    """The lines of INT16X8.md, by board and model."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    return {(found[1], found[2]): each for each in text.splitlines() if (found := LINE.match(each))}


def line(board: str, name: str, plugin: Path, scratch: Path) -> str:
    """Widen, build, run once and count."""
    file = scratch / f"{name}.tflite"
    file.write_bytes(widened.widen((bench.MODELS / file.name).read_bytes()))
    facts = lx7.board(scratch) if board == lx7.BOARD else boards.load(board)
    row = bench.measure(facts, file, "speed", plugin, scratch)
    cells = [board, name, f"{row.instructions:,}", f"{row.instructions / row.macs:.3f}"]
    return f"| {' | '.join(cells)} | {row.build.ram.arena:,} | {row.stack_high_water:,} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
