# SPDX-License-Identifier: Apache-2.0
"""Takes chains of blocks, gives exact instructions of one run on emulated boards, beside those of CMSIS-DSP.

`python -m tests.bench.blocks [board ...]` measures on all boards of bench.py when none is named, and writes
BLOCKS.md beside this file; lines of other boards stay. `--check` counts some on one board again, in seconds,
and fails where BLOCKS.md has another line. Counted as there, optimised for speed.
"""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests import plugin as plugins
from tests.bench import bench, tables
from tests.block_programs import stream
from tinyedge import blocks, emit, toolchain, transport
from tinyedge import board as boards
from tinyedge import plan as planner
from tinyedge.board import Board
from tinyedge.graph import Graph
from tinyedge.line import device
from tinyedge.options import Options
from tinyedge.plan import Plan
from tinyedge.toolchain import describe

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "BLOCKS.md"
PEER = HERE / "cmsis_dsp.toml"
LIMIT = 1.5
"""How many of CMSIS-DSP's instructions a chain may take."""
RUNS = 4
"""Of each chain: then windows and delay lines are full."""
HEAD = f"""# Blocks

Made by `python -m tests.bench.blocks`: do not edit. A run of a chain of blocks alone, on full-scale noise,
optimised for speed: instructions are exact counts under QEMU, and no cycles; dispatch and clock reading are
in them. CMSIS-DSP's functions, counted alike, are from cmsis_dsp.toml (made by cmsis_dsp.py from the chains
in cmsis_dsp.c): those of 32 bits where our values have 32, of several channels as if they lay apart, on
RISC-V its portable C; **bold** is more than {LIMIT} times theirs. Kernels are portable where no folder is
named. Of {RUNS} runs the last is counted.

| board | chain | instructions | CMSIS-DSP | ratio | arena | state | kernels |
| --- | --- | --: | --: | --: | --: | --: | --- |
"""
LINE = re.compile(r"\| ([\w-]+) \| (\w+) \| [\d,]+ \|")


@dataclass(frozen=True)
class Chain:
    """Blocks with their keys, one behind another, and the rows and channels of a run that they take."""

    rows: int
    channels: int
    stages: tuple[tuple[str, Mapping[str, Any]], ...]


SPECTRUM: tuple[str, Mapping[str, Any]] = ("fft", {})
MEL = ("mel", {"filters": 40, "low_hz": 20.0})
LOWPASS = {"type": "lowpass", "cutoff_hz": 1000.0, "order": 4}
SUMS = {"features": ["mean", "deviation", "rms", "minimum", "maximum"]}
SHAPES = {"features": ["variance", "kurtosis", "crest_factor", "peak_to_peak", "zero_crossings"]}
CHAINS: Mapping[str, Chain] = {
    "fft_256": Chain(256, 1, (SPECTRUM,)),
    "fft_512": Chain(512, 1, (SPECTRUM,)),
    "magnitudes_512": Chain(512, 1, (("spectrum", {"output": "magnitude"}),)),
    "levels_512": Chain(512, 1, (("spectrum", {"output": "natural"}),)),
    "log_mel_512": Chain(512, 1, (SPECTRUM, MEL)),
    "mfcc_512": Chain(512, 1, (SPECTRUM, MEL, ("mfcc", {"coefficients": 13}))),
    "fir_32": Chain(256, 1, (("fir", {"taps": 32, "cutoff_hz": 1000.0}),)),
    "fir_32_of_3": Chain(64, 3, (("fir", {"taps": 32, "cutoff_hz": 1000.0}),)),
    "decimate_4": Chain(256, 1, (("decimate", {"factor": 4, "taps": 32}),)),
    "biquads_2": Chain(256, 1, (("filter", LOWPASS),)),
    "biquads_2_of_3": Chain(64, 3, (("filter", LOWPASS),)),
    "statistics_5": Chain(256, 1, (("statistics", SUMS),)),
    "shapes_5": Chain(256, 1, (("statistics", SHAPES),)),
    "audio_frontend": Chain(160, 1, (("audio_frontend", {}),)),
}
"""Rates are 16 kHz."""


CHECKED = ("log_mel_512", "fir_32", "biquads_2", "statistics_5")
"""What `--check` counts on the first board: a fast twin each."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write BLOCKS.md; or check it."""
    return check() if "--check" in arguments else write(arguments)


def check() -> int:
    """Count CHECKED again and hold the lines against those of BLOCKS.md."""
    board, committed, wrong = bench.BOARDS[0], known(), 0
    with tempfile.TemporaryDirectory() as scratch:
        plugin = plugins.compile(bench.PLUGIN, Path(scratch))
        for name, line in measure(boards.load(board), CHECKED, plugin, Path(scratch)).items():
            said = committed.get((board, name))
            wrong += line != said
            print(line if line == said else f"BLOCKS.md says\n  {said}\nbut it is\n  {line}")
    if wrong:
        print("BLOCKS.md is no longer true: run `make bench` and commit it", file=sys.stderr)
    return 1 if wrong else 0


def write(arguments: Sequence[str]) -> int:
    """Measure the boards named, or all, print and write BLOCKS.md."""
    lines = known()
    with tempfile.TemporaryDirectory() as scratch:
        plugin = plugins.compile(bench.PLUGIN, Path(scratch))
        for board in arguments or bench.BOARDS:
            for name, line in measure(boards.load(board), tuple(CHAINS), plugin, Path(scratch)).items():
                lines[board, name] = line
                print(line, flush=True)
    ordered = [(board, name) for board in bench.BOARDS for name in CHAINS if (board, name) in lines]
    RESULTS.write_text(HEAD + "".join(f"{lines[key]}\n" for key in ordered), encoding="utf-8")
    return 0


def known() -> dict[tuple[str, str], str]:
    """The lines of BLOCKS.md, by board and chain."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    return {(found[1], found[2]): each for each in text.splitlines() if (found := LINE.match(each))}


def graph(name: str) -> Graph:
    """The chain alone: samples in, what its last block gives out."""
    chain = CHAINS[name]
    at = stream(chain.rows, chain.channels, 16_000.0)
    for i, (block, keys) in enumerate(chain.stages):
        at = blocks.append(at, block, blocks.parse(block, keys), f"at{i}")
    return replace(at.graph, name=name, outputs=(at.tensor,))


def measure(board: Board, chains: Sequence[str], plugin: Path, scratch: Path) -> dict[str, str]:
    """The table's lines for chains: all in one image."""
    plans = [planner.plan(graph(name), board, Options("speed")) for name in chains]
    out = scratch / board.name
    image = toolchain.compile(emit.emit_image([(plan, "0" * 64) for plan in plans]), board, out)
    counts = out / "counts.txt"
    counted = plugins.inferences(board, plugin, image.symbols, counts)
    lines: dict[str, str] = {}
    with device.connect(transport.open_board(counted, image.elf)) as chip:
        for number, plan in enumerate(plans):
            chip.choose(number)
            sums = []
            for run in range(RUNS):
                bench.run(chip, [describe.slot(plan, name) for name in plan.graph.inputs])
                done = bench.read_counts(counts, image.symbols, number * RUNS + run + 1)
                sums.append(sum(done.values()))
            lines[chains[number]] = _line(plan, sums[-1] - sums[-2])
    return lines


def _line(plan: Plan, instructions: int) -> str:
    board, name = plan.board.name, plan.graph.name
    peer = tomllib.loads(PEER.read_text(encoding="utf-8")).get(name, {}).get(board)
    ratio = "-" if peer is None else f"{instructions / peer:.2f}"
    return tables.row(
        board,
        name,
        f"{instructions:,}",
        "-" if peer is None else f"{peer:,}",
        f"**{ratio}**" if peer is not None and instructions > LIMIT * peer else ratio,
        f"{plan.arena_size:,}",
        f"{plan.state_size:,}",
        ", ".join(layer.kernel.removesuffix("_portable") for layer in plan.layers),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
