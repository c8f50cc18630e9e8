# SPDX-License-Identifier: Apache-2.0
"""Takes models, gives exact instructions on an ESP32-S3 in tests/lx7, beside those of esp-nn.

`python -m tests.bench.s3 [MODEL.tflite ...]` (those of MLPerf Tiny when none is named) writes S3.md beside
this file; lines of other models stay. `--check` counts one small model again, in seconds, and fails where
S3.md has another line for it. Every run is also judged: an output that is not LiteRT's ends it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tests import lx7
from tests import plugin as plugins
from tests.bench import bench
from tests.bench.tables import row
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import pipeline
from tinyedge.bench import trial
from tinyedge.board import Board
from tinyedge.options import Optimize, Options
from tinyedge.project import Budget
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric
from tinyedge.toolchain import image

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "S3.md"
BOARD = lx7.BOARD
ESP_NN = {
    "kws_ref_model": 3_984_054,
    "micro_speech_quantized": 638_095,
    "str_ww_ref_model": 1_045_692,
}
"""Its kernels with the vector instructions, called layer by layer without an interpreter, counted alike."""
HEAD = """# ESP32-S3

Made by `python -m tests.bench.s3`: do not edit. Instructions per inference are exact counts in tests/lx7, an
interpreter of this core with the chip's vector instructions; they are no cycles. Of commit ad70d5a it
counted what Espressif's QEMU had counted, to the instruction, in all 24 rows of MLPerf Tiny's models and
tiny_cnn. All outputs are LiteRT's. esp-nn are Espressif's kernels with these instructions, called layer by
layer, counted in that QEMU. Without vectors: the kernels of the ESP32, on this core.

| model | optimize | instructions | per MAC | esp-nn | ratio | arena | flash but weights | weights |
|---|---|--:|--:|--:|--:|--:|--:|--:|
"""
WAYS: dict[str, tuple[Optimize, str]] = {
    "speed": ("speed", BOARD),
    "balanced": ("balanced", BOARD),
    "size": ("size", BOARD),
    "speed, without vectors": ("speed", "esp32"),
}
"""What the column "optimize" says, by what is optimised for, and whose instruction sets are used."""
CHECKED = ("speed", "speed, without vectors")
Lines = dict[tuple[str, str], str]


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write S3.md; or check it."""
    lines = known()
    if "--check" in arguments:
        return check(lines)
    files = [Path(name) for name in arguments] or [*sorted(bench.MODELS.glob("*.tflite")), bench.OURS]
    for key, made in measure(files, tuple(WAYS)):
        lines[key] = made
        print(made, flush=True)
    order = sorted(lines, key=lambda key: (key[0], list(WAYS).index(key[1])))
    RESULTS.write_text(HEAD + "".join(f"{lines[key]}\n" for key in order), encoding="utf-8")
    return 0


def check(committed: Lines) -> int:
    """Count a model that is in this repository again, with vectors and without."""
    wrong = 0
    for key, made in measure([bench.OURS], CHECKED):
        said = committed.get(key)
        wrong += made != said
        print(made if made == said else f"S3.md says\n  {said}\nbut it is\n  {made}")
    if wrong:
        print("S3.md is no longer true: run `python -m tests.bench.s3` and commit it", file=sys.stderr)
    return 1 if wrong else 0


def measure(files: Sequence[Path], ways: Sequence[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """The lines of models, by name and way."""
    with tempfile.TemporaryDirectory() as scratch:
        board, plugin = lx7.board(Path(scratch)), plugins.compile(bench.PLUGIN, Path(scratch))
        for file in files:
            for i, way in enumerate(ways):
                made = line(file, way, board, plugin, Path(scratch) / f"{file.stem}-{i}")
                yield (file.stem, way), made


def known() -> Lines:
    """The lines of S3.md by model and optimisation."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else ""
    found = re.findall(r"^(\| (\S+) \| ([^|]+) \|.*\|)$", text, re.MULTILINE)
    return {(model, way): row for row, model, way in found if way in WAYS}


def line(file: Path, way: str, board: Board, plugin: Path, folder: Path) -> str:
    """The table's line for a model: one inference on random bytes, on a board of lx7's."""
    folder.mkdir()
    optimize, instructions_of = WAYS[way]
    out = folder / "build"
    board = board.model_copy(
        update={"core": board.core.model_copy(update={"isa": boards.load(instructions_of).isa})}
    )
    network = models.load(file)
    build = pipeline.build(network, board, out, Options(optimize))
    symbols = image.open_built(out).symbols
    counted = plugins.inferences(board, plugin, symbols, folder / "counts.txt")
    specs = tuple(slot.spec for slot in build.inputs)
    rng = np.random.default_rng(12345)
    inputs = tuple(rng.integers(-128, 128, (1, *spec.frame), np.int8).astype(spec.dtype) for spec in specs)
    report = trial.run(
        network, counted, build, out, Recording(Path("random"), specs, inputs), Metric("none"), Budget()
    )
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (1, 0), report.bit_exact
    instructions = sum(bench.read_counts(folder / "counts.txt", symbols).values())
    peer = ESP_NN.get(file.stem) if way == "speed" else None
    return row(
        file.stem,
        way,
        f"{instructions:,}",
        f"{instructions / build.macs:.3f}",
        "-" if peer is None else f"{peer:,}",
        "-" if peer is None else f"{instructions / peer:.2f}",
        f"{build.ram.arena:,}",
        f"{build.flash.code:,}",
        f"{build.flash.weights:,}",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
