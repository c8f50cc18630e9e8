# SPDX-License-Identifier: Apache-2.0
"""Takes the models of MLPerf Tiny, gives exact instructions, RAM and flash on emulated boards, beside peers'.

Run by `make bench`; writes RESULTS.md beside this file, of boards that are named only their tables anew. Of
`.tflite` files that are named, too, it prints the lines on those boards and writes nothing.
`--check` counts one small model per board again, in seconds, and fails where RESULTS.md has another line for
it. Instructions are counted by a QEMU plugin (count.c) between the start of a run and the check that follows
it: kernels, layer dispatch and clock reading included. They are neither cycles nor time; cycles.py predicts
cycles of them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import plugin as plugins
from tests.bench import cycles, tables
from tinyedge import board as boards
from tinyedge import model, pipeline, transport
from tinyedge.board import Board
from tinyedge.build import Build, Slot
from tinyedge.line import device
from tinyedge.options import Optimize, Options
from tinyedge.toolchain import image

HERE = Path(__file__).resolve().parent
MODELS = HERE.parents[2] / "shared" / "models" / "mlperf"
BOARDS = ("mps3-an547", "qemu-virt-rv32", "qemu-virt-rv32v", "mps2-an386")
ALIKE = ("mps2-an505",)
"""A Cortex-M33, which takes the Cortex-M4's kernels: in RESULTS.md alone."""
OPTIMIZE: tuple[Optimize, ...] = ("speed", "size")
"""The ends; what is balanced lies between."""
OURS = HERE.parent / "models" / "tiny_cnn.tflite"
"""A model that is in this repository, so that everybody can check its lines."""
PLUGIN = HERE / "count.c"
JUMPS = HERE / "jumps.c"
RESULTS = HERE / "RESULTS.md"


@dataclass(frozen=True)
class Row:
    """One model on one board at one optimisation; bytes, instructions, seconds of wall time to build.

    cycles: the least and the most that are predicted, or one number, or none.
    """

    board: str
    model: str
    optimize: str
    macs: int
    instructions: int
    cycles: tuple[int, ...]
    functions: dict[str, int]
    build: Build
    stack_high_water: int | None
    build_seconds: float
    rebuild_seconds: float


def main(arguments: Sequence[str] = ()) -> int:
    """Measure everything, or some boards, print it and write RESULTS.md; or check it."""
    checks = "--check" in arguments
    tools = ("gcc", "qemu-system-arm", "qemu-system-riscv32", cycles.DISASSEMBLER)
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing or not (checks or MODELS.is_dir()):
        print(f"bench needs {', '.join(missing) or MODELS}", file=sys.stderr)
        return 5
    files = [Path(name) for name in arguments if name.endswith(".tflite")]
    chosen = [name for name in arguments if not name.endswith(".tflite")] or (*BOARDS, *ALIKE)
    with tempfile.TemporaryDirectory() as scratch:
        if checks:
            return check(Path(scratch))
        return show(Path(scratch), chosen, files) if files else write(Path(scratch), chosen)


def show(scratch: Path, chosen: Sequence[str], files: Sequence[Path]) -> int:
    """Measure these models on these boards and print their lines."""
    for row in measure_all(scratch, chosen, files):
        print(f"{row.board} {tables.line(row, peers())}", flush=True)
    return 0


def measure_all(scratch: Path, chosen: Sequence[str], files: Sequence[Path]) -> Iterator[Row]:
    """Models on boards, at every optimisation, with predicted cycles."""
    plugin, jumps = (plugins.compile(source, scratch) for source in (PLUGIN, JUMPS))
    for name in chosen:
        board = boards.load(name)
        for file in files:
            for optimize in OPTIMIZE:
                yield measure(board, file, optimize, plugin, scratch, jumps=jumps)


def write(scratch: Path, chosen: Sequence[str]) -> int:
    """Measure every model on these boards, optimised for speed and for size, and write RESULTS.md."""
    files = sorted((*MODELS.glob("*.tflite"), OURS), key=lambda file: file.name)
    rows = list(measure_all(scratch, chosen, files))
    text = tables.render(rows, peers(), RESULTS.read_text(encoding="utf-8"))
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    slowest = max(rows, key=lambda row: row.build_seconds)
    again = max(row.rebuild_seconds for row in rows)
    print(f"longest build {slowest.build_seconds:.2f} s ({slowest.model}), without a change {again:.2f} s")
    return 0


def check(scratch: Path) -> int:
    """Measure OURS on every board again and hold its line against that of RESULTS.md."""
    plugin, jumps = (plugins.compile(source, scratch) for source in (PLUGIN, JUMPS))
    wrong = 0
    for board in BOARDS:
        row = measure(boards.load(board), OURS, OPTIMIZE[0], plugin, scratch, jumps=jumps)
        committed = tables.line_of(RESULTS.read_text(encoding="utf-8"), row)
        line = tables.line(row, peers())
        same = committed == line
        wrong += not same
        print(f"{board}: {line}" if same else f"{board}: RESULTS.md says\n  {committed}\nbut it is\n  {line}")
    if wrong:
        print("RESULTS.md is no longer true: run `make bench` and commit it", file=sys.stderr)
    return 1 if wrong else 0


def peers() -> dict[str, Any]:
    """What others need for the same networks."""
    return tomllib.loads((HERE / "peers.toml").read_text(encoding="utf-8"))


def measure(
    board: Board,
    file: Path,
    optimize: Optimize,
    plugin: Path,
    scratch: Path,
    compiler: str | None = None,
    jumps: Path | None = None,
) -> Row:
    """Build, run one inference on bytes of a fixed generator, and count.

    jumps: the plugin that counts them; with it cycles are predicted, where there is a model of the core.
    """
    options = Options(optimize, compiler=compiler)
    out = scratch / f"{board.name}-{file.stem}-{optimize}"
    loaded = model.load(file)
    start = time.perf_counter()
    build = pipeline.build(loaded, board, out, options)
    built = time.perf_counter()
    pipeline.build(loaded, board, out, options)
    rebuilt = time.perf_counter()
    made = image.open_built(out)
    core = cycles.MODELS.get(board.core.name) if jumps else None
    counts = {plugin: out / "counts.txt"}
    if core is not None and core.jumps and jumps is not None:
        counts[jumps] = out / "jumps.txt"
    counted = board
    for counting, file_of in counts.items():
        counted = plugins.inferences(counted, counting, made.symbols, file_of)
    memory = infer(counted, out, build)
    functions = read_counts(counts[plugin], made.symbols)
    return Row(
        board.name,
        file.stem,
        optimize,
        build.macs,
        sum(functions.values()),
        cycles.predict(core, made.elf, counts[plugin], out / "jumps.txt") if core else (),
        functions,
        build,
        memory.stack_high_water,
        built - start,
        rebuilt - built,
    )


def infer(board: Board, out: Path, build: Build) -> device.Memory:
    """Run the image in `out` once, on bytes of a fixed generator; what the chip then says of its memory."""
    line = transport.open_board(board, out / build.image.elf)
    with device.connect(line, expect=build) as chip:
        return run(chip, build.inputs)


def given(inputs: Sequence[Slot]) -> list[bytes]:
    """Bytes of a fixed generator for every input."""
    state, found = 12345, []
    for slot in inputs:
        data = bytearray()
        for _ in range(slot.bytes):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
            data.append(state >> 24)
        found.append(bytes(data))
    return found


def run(chip: device.Device, inputs: Sequence[Slot]) -> device.Memory:
    """One run on bytes of a fixed generator; what the chip then says of its memory."""
    for slot, data in zip(inputs, given(inputs), strict=True):
        chip.write(slot.offset, data)
    chip.run()
    return chip.memory()


def read_counts(file: Path, symbols: tuple[image.Symbol, ...], runs: int = 1) -> dict[str, int]:
    """Instructions by function, largest first; exactly so many runs must have been counted."""
    head, *lines = file.read_text(encoding="ascii").splitlines()
    assert head == f"intervals {runs}", f"{file}: {head}"
    starts = sorted((symbol.address, symbol.name) for symbol in symbols if symbol.section == ".text")
    functions: Counter[str] = Counter()
    for line in lines:
        address, count = line.split()
        at = bisect_right(starts, (int(address, 16), "\uffff")) - 1
        functions[starts[at][1]] += int(count)
    return dict(functions.most_common())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
