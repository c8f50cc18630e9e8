# SPDX-License-Identifier: Apache-2.0
"""Takes layers of odd shapes, gives instructions per MAC on emulated boards beside those of an aligned shape.

`python -m tests.bench.shapes [board ...]` measures models of one layer with random weights, on all
boards of bench.py when none is named, and writes shapes/<board>.md beside this file. Exact counts, as there.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests import plugin as plugins
from tests import single_op
from tests.bench import bench
from tinyedge import board as boards
from tinyedge.board import Board
from tinyedge.graph import Quantization, Tensor
from tinyedge.ops import Case, case
from tinyedge.ops.case import Window

HERE = Path(__file__).resolve().parent
TABLES = HERE / "shapes"
LIMIT = 1.5
"""How much more an odd shape may cost per MAC than the first shape of its family."""


@dataclass(frozen=True)
class Row:
    """A measured layer: its family, name and kernel, instructions per MAC."""

    family: str
    layer: str
    kernel: str
    cost: float


CONVOLUTIONS: Mapping[str, tuple[tuple[Window, int, int], ...]] = {
    # window, output channels, groups; the aligned shape first
    "convolution": (
        (Window((1, 16, 16, 32), (3, 3)), 32, 1),
        (Window((1, 16, 16, 30), (3, 3)), 30, 1),
        (Window((1, 15, 15, 33), (3, 3)), 33, 1),
        (Window((1, 15, 17, 20), (3, 3)), 26, 1),
        (Window((1, 16, 16, 32), (1, 9)), 32, 1),
        (Window((1, 16, 16, 32), (9, 1)), 32, 1),
        (Window((1, 64, 1, 24), (5, 1)), 24, 1),
        (Window((1, 1, 64, 20), (1, 5)), 20, 1),
        (Window((1, 16, 16, 32), (2, 2)), 32, 1),
        (Window((1, 12, 12, 24), (5, 5)), 24, 1),
        (Window((1, 16, 16, 32), (3, 3), stride=(2, 2)), 32, 1),
        (Window((1, 16, 16, 32), (3, 3), stride=(3, 3)), 32, 1),
        (Window((1, 16, 16, 27), (3, 3), stride=(3, 2)), 27, 1),
        (Window((1, 16, 16, 32), (3, 3), dilation=(2, 2)), 32, 1),
        (Window((1, 16, 16, 32), (3, 3), dilation=(1, 3)), 32, 1),
        (Window((1, 10, 10, 150), (3, 3)), 20, 1),
        (Window((1, 16, 16, 64), (3, 3)), 64, 2),
    ),
    "pointwise": (
        (Window((1, 16, 16, 32), (1, 1)), 32, 1),
        (Window((1, 16, 16, 24), (1, 1)), 24, 1),
        (Window((1, 16, 16, 30), (1, 1)), 30, 1),
        (Window((1, 15, 15, 40), (1, 1)), 41, 1),
        (Window((1, 16, 16, 72), (1, 1)), 20, 1),
        (Window((1, 5, 5, 100), (1, 1)), 50, 1),
        (Window((1, 16, 16, 32), (1, 1), stride=(2, 2)), 32, 1),
        (Window((1, 16, 16, 30), (1, 1), stride=(3, 3)), 30, 1),
    ),
    "first layer": (
        (Window((1, 32, 32, 4), (3, 3), stride=(2, 2)), 16, 1),
        (Window((1, 32, 32, 3), (3, 3), stride=(2, 2)), 16, 1),
        (Window((1, 31, 33, 3), (3, 3)), 15, 1),
        (Window((1, 32, 32, 1), (3, 3)), 16, 1),
        (Window((1, 49, 10, 1), (10, 4), stride=(2, 2)), 30, 1),
        (Window((1, 1, 400, 3), (1, 7), stride=(1, 2)), 14, 1),
        (Window((1, 400, 1, 3), (7, 1), stride=(2, 1)), 14, 1),
    ),
}
DEPTHWISE = (
    # window, depth multiplier
    (Window((1, 16, 16, 32), (3, 3)), 1),
    (Window((1, 16, 16, 30), (3, 3)), 1),
    (Window((1, 15, 15, 17), (3, 3)), 1),
    (Window((1, 16, 16, 8), (3, 3)), 1),
    (Window((1, 16, 16, 5), (3, 3)), 1),
    (Window((1, 16, 16, 3), (3, 3)), 1),
    (Window((1, 5, 5, 150), (3, 3)), 1),
    (Window((1, 16, 16, 32), (1, 9)), 1),
    (Window((1, 16, 16, 32), (9, 1)), 1),
    (Window((1, 64, 1, 24), (5, 1)), 1),
    (Window((1, 16, 16, 24), (5, 5)), 1),
    (Window((1, 16, 16, 32), (3, 3), stride=(2, 2)), 1),
    (Window((1, 16, 16, 30), (3, 3), stride=(3, 3)), 1),
    (Window((1, 16, 16, 32), (3, 3), dilation=(2, 2)), 1),
    (Window((1, 16, 16, 16), (3, 3)), 2),
    (Window((1, 16, 16, 1), (3, 3)), 16),
)
DENSE = (
    # inputs, outputs
    (256, 64),
    (250, 63),
    (255, 10),
    (100, 30),
    (640, 129),
    (64, 50),
)


def main(names: list[str]) -> int:
    """Measure and write the table of every board named."""
    TABLES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        plugin = plugins.compile(bench.PLUGIN, Path(scratch))
        for name in names or bench.BOARDS:
            rows = [measure(boards.load(name), *each, plugin, Path(scratch)) for each in layers()]
            text = render(name, rows)
            (TABLES / f"{name}.md").write_text(text, encoding="utf-8")
            print(text)
    return 0


def measure(board: Board, family: str, layer: Case, plugin: Path, scratch: Path) -> Row:
    """Build and run the layer alone, optimised for speed."""
    file = scratch / f"{layer.name}.tflite"
    file.write_bytes(single_op.single(layer))
    row = bench.measure(board, file, "speed", plugin, scratch)
    return Row(family, layer.name, row.build.layers[0].kernel, row.instructions / row.macs)


def layers() -> Iterator[tuple[str, Case]]:
    """Every layer with its family, the aligned one of a family first."""
    for family, convolutions in CONVOLUTIONS.items():
        for window, channels, groups in convolutions:
            shape = (channels, *window.kernel, window.shape[3] // groups)
            yield (
                family,
                _layer("CONV_2D", window, shape, 0, f"x{channels}" + f"_groups{groups}" * (groups > 1)),
            )
    for window, multiplier in DEPTHWISE:
        shape = (1, *window.kernel, window.shape[3] * multiplier)
        yield "depthwise", _layer("DEPTHWISE_CONV_2D", window, shape, 3, f"x{multiplier}" * (multiplier > 1))
    for inputs, outputs in DENSE:
        yield "dense", _dense(inputs, outputs)


def _layer(operator: str, window: Window, shape: tuple[int, ...], axis: int, suffix: str) -> Case:
    rng = np.random.default_rng(1)
    channels = shape[axis]
    # Output scales at which few outputs are clamped, as in trained layers.
    taps = int(np.prod(shape)) // channels
    tensors = (
        case.activation(rng, "input", window.shape, "int8", 0.05),
        case.weights(rng, shape, axis),
        case.bias(rng, channels),
    )
    target = case.activation(rng, "output", (*window.output, channels), "int8", 0.05 * 0.8 * taps**0.5)
    options = window.convolution_options
    kind = "conv"
    if operator != "CONV_2D":
        options["depthMultiplier"] = channels // window.shape[3]
        kind = "depthwise"
    _, height, width, depth = window.shape
    name = f"{kind}_{height}x{width}x{depth}_k{window.kernel[0]}x{window.kernel[1]}{suffix}"
    for letter, pair in (("s", window.stride), ("d", window.dilation)):
        name += "" if pair == (1, 1) else f"_{letter}{pair[0]}x{pair[1]}"
    return Case(name, operator, tensors, target, options)


def _dense(inputs: int, outputs: int) -> Case:
    rng = np.random.default_rng(1)
    data = rng.integers(-128, 128, (outputs, inputs), np.int8)
    weights = Tensor("weights", data.shape, "int8", Quantization((0.01,), (0,)), data)
    bias = Tensor(
        "bias",
        (outputs,),
        "int32",
        Quantization((0.05 * 0.01,), (0,)),
        rng.integers(-5000, 5000, outputs, np.int32),
    )
    source = case.activation(rng, "input", (1, inputs), "int8", 0.05)
    target = case.activation(rng, "output", (1, outputs), "int8", 0.05 * 0.8 * inputs**0.5)
    options = {"fusedActivationFunction": 0, "keepNumDims": False, "quantizedBiasType": 0}
    return Case(f"dense_{inputs}x{outputs}", "FULLY_CONNECTED", (source, weights, bias), target, options)


def render(board: str, rows: Sequence[Row]) -> str:
    """The table of a board as Markdown; the first layer of a family is the aligned one."""
    text = [
        f"# Odd shapes on {board}",
        "",
        "Made by `python -m tests.bench.shapes`: do not edit. Exact instructions per MAC of one layer,",
        f"optimised for speed; `ratio` is to the first layer of the family, **bold** above {LIMIT}.",
        "",
        "| family | layer | kernel | per MAC | ratio |",
        "| --- | --- | --- | --: | --: |",
    ]
    aligned: dict[str, float] = {}
    for row in rows:
        ratio = row.cost / aligned.setdefault(row.family, row.cost)
        shown = f"**{ratio:.2f}**" if ratio > LIMIT else f"{ratio:.2f}"
        text.append(f"| {row.family} | {row.layer} | {row.kernel} | {row.cost:.3f} | {shown} |")
    return "\n".join(text) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
