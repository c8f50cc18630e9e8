# SPDX-License-Identifier: Apache-2.0
"""Takes a wake word with its front end, gives what 30 ms of sound cost by board: from samples to decision.

`python -m tests.bench.wake_word [board ...]` writes WAKE_WORD.md beside this file; lines of other boards
stay. Counted as in bench.py; esp32s3 in tests/lx7, which has its vectors.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests import lx7, zoo
from tests import plugin as plugins
from tests.bench import bench, tables
from tests.emulated.test_wake_word import HOP, RATE_HZ, RULE, SIGNAL
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import pipeline, transport
from tinyedge.blocks.attach import Front
from tinyedge.board import Board
from tinyedge.line import device
from tinyedge.project import Stage
from tinyedge.toolchain import image

RESULTS = Path(__file__).resolve().parent / "WAKE_WORD.md"
BOARDS = (*bench.BOARDS, lx7.BOARD)
RUNS = 8
"""Of which the last is counted: then the front end has whole frames."""
HEAD = f"""# Wake word

Made by `python -m tests.bench.wake_word`: do not edit. okay_nabu of pymicro-wakeword with audio front end,
moving average and threshold: one run takes {HOP} samples at {RATE_HZ} Hz. Instructions, of a run and of a
second of sound, are exact counts in emulators (esp32s3 in tests/lx7, with its vector instructions), on
noise, of images optimised as the column says. The share of time is predicted, and not measured on silicon:
instructions of a second of sound over the clock of the board, as if each took one cycle.

| board | optimize | a run | a second of sound | clock, MHz | share of time | state | arena | RAM | flash |
| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |
"""
LINE = re.compile(r"\| ([\w-]+) \| [a-z]+ \| [\d,]+ \|")


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write WAKE_WORD.md."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    lines = {found[1]: each for each in text.splitlines() if (found := LINE.match(each))}
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments or BOARDS:
            board = lx7.board(Path(scratch)) if name == lx7.BOARD else boards.load(name)
            lines[name] = line(board, Path(scratch) / name)
            print(lines[name], flush=True)
    ordered = (lines[name] for name in BOARDS if name in lines)
    RESULTS.write_text(HEAD + "".join(f"{each}\n" for each in ordered), encoding="utf-8")
    return 0


def line(board: Board, folder: Path) -> str:
    """The table's line for a board."""
    folder.mkdir()
    model = models.load(zoo.wake_word("okay_nabu"))
    model = replace(model, front=Front(SIGNAL, (Stage(block="audio_frontend"),)), back=RULE)
    out = folder / "build"
    build = pipeline.build(model, board, out)
    symbols = image.open_built(out).symbols
    plugin = plugins.compile(bench.PLUGIN, folder)
    counted = plugins.inferences(board, plugin, symbols, folder / "counts.txt")
    sums = []
    with device.connect(transport.open_board(counted, out / build.image.elf), build) as chip:
        for run in range(RUNS):
            bench.run(chip, build.inputs)
            sums.append(sum(bench.read_counts(folder / "counts.txt", symbols, run + 1).values()))
    instructions = sums[-1] - sums[-2]
    second = instructions * RATE_HZ / HOP
    return tables.row(
        board.name,
        build.optimize,
        f"{instructions:,}",
        f"{second:,.0f}",
        f"{board.clock_hz / 1e6:g}" if board.clock_hz else "-",
        f"{second / board.clock_hz:.1%}" if board.clock_hz else "-",
        f"{build.ram.state:,}",
        f"{build.ram.arena:,}",
        f"{build.ram.total:,}",
        f"{build.flash.total:,}",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
