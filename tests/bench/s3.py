# SPDX-License-Identifier: Apache-2.0
"""Takes models, gives exact instructions on an ESP32-S3 in Espressif's QEMU, beside those of esp-nn.

`python -m tests.bench.s3 [MODEL.tflite ...]` (those of MLPerf Tiny when none is named) writes S3.md beside
this file; lines of other models stay. It needs Espressif's qemu-system-xtensa 9.2 on PATH, which no registry
has. Every run is also judged: an output that is not LiteRT's ends it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests import plugin as plugins
from tests.bench.bench import MODELS, OURS
from tests.bench.tables import row
from tests.emulated.test_esp_rom import _with_rom, _write_flash
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import pipeline
from tinyedge.bench import trial
from tinyedge.options import Optimize, Options
from tinyedge.project import Budget
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric
from tinyedge.toolchain import image

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "S3.md"
PLUGIN = HERE / "count_calls.c"
BOARD = "esp32s3"
ESP_NN = {"kws_ref_model": 3_984_054, "micro_speech_quantized": 638_095}
"""Its kernels with the vector instructions, called layer by layer without an interpreter, counted alike."""
HEAD = """# ESP32-S3

Made by `python -m tests.bench.s3`: do not edit. Instructions per inference are exact counts in Espressif's
QEMU, which executes the chip's vector instructions and boots the flash image from the chip's ROM; they are
no cycles. All outputs are LiteRT's. esp-nn are Espressif's kernels with these instructions, called layer by
layer. Without vectors: the kernels of the ESP32, on this core.

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
Lines = dict[tuple[str, str], str]


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write S3.md."""
    files = [Path(name) for name in arguments] or [*sorted(MODELS.glob("*.tflite")), OURS]
    lines = known()
    with tempfile.TemporaryDirectory() as scratch:
        plugin = plugins.compile(PLUGIN, Path(scratch))
        for file in files:
            for i, way in enumerate(WAYS):
                lines[file.stem, way] = line(file, way, plugin, Path(scratch) / f"{file.stem}-{i}")
                print(lines[file.stem, way], flush=True)
    order = sorted(lines, key=lambda key: (key[0], list(WAYS).index(key[1])))
    RESULTS.write_text(HEAD + "".join(f"{lines[key]}\n" for key in order), encoding="utf-8")
    return 0


def known() -> Lines:
    """The lines of S3.md by model and optimisation."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else ""
    found = re.findall(r"^(\| (\S+) \| ([^|]+) \|.*\|)$", text, re.MULTILINE)
    return {(model, way): row for row, model, way in found if way in WAYS}


def line(file: Path, way: str, plugin: Path, folder: Path) -> str:
    """The table's line for a model: one inference on random bytes."""
    folder.mkdir()
    optimize, instructions_of = WAYS[way]
    flash, out = folder / "flash.bin", folder / "build"
    facts, emulated = boards.load(BOARD), _with_rom(BOARD, flash)
    facts = facts.model_copy(
        update={"core": facts.core.model_copy(update={"isa": boards.load(instructions_of).isa})}
    )
    network = models.load(file)
    build = pipeline.build(network, facts, out, Options(optimize))
    _write_flash(emulated, out, flash)
    made = image.open_built(out)
    counted = plugins.inferences(emulated, plugin, made.symbols, folder / "counts.txt")
    specs = tuple(slot.spec for slot in build.inputs)
    rng = np.random.default_rng(12345)
    inputs = tuple(rng.integers(-128, 128, (1, *spec.frame), np.int8).astype(spec.dtype) for spec in specs)
    report = trial.run(
        network, counted, build, out, Recording(Path("random"), specs, inputs), Metric("none"), Budget()
    )
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (1, 0), report.bit_exact
    head, *counts = (folder / "counts.txt").read_text(encoding="ascii").splitlines()
    assert head == "intervals 1", head
    instructions = sum(int(count.split()[1]) for count in counts)
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
