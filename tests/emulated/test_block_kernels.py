# SPDX-License-Identifier: Apache-2.0
"""Fast twins of blocks give the bits of the portable ones: odd sizes, channels, extremes, states."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.host.test_spectra import sounds
from tinyedge import blocks
from tinyedge import board as boards
from tinyedge import plan as planner
from tinyedge.bench.features import Stages
from tinyedge.blocks import Stream
from tinyedge.graph import Array, Graph, Op, Quantization, Tensor
from tinyedge.judge import harness

SHAPES = ((256, 1), (80, 3))
"""Rows and channels of the inputs; the blocks below take them in turn."""
SINES = np.sin(np.arange(32) + 1.0).tolist()
FIRS: tuple[tuple[str, dict[str, Any]], ...] = (
    *(("fir", {"coefficients": SINES[:taps]}) for taps in (7, 31, 8, 1, 31, 2)),
    ("fir", {"coefficients": [16000.0, -15000.0]}),  # a sum of more than 32 bits
    ("decimate", {"factor": 5, "taps": 16}),
    ("window", {"rows": 301}),
    ("window", {"rows": 90}),
)
MOMENTS = ["mean", "deviation", "rms", "minimum", "maximum", "zero_crossings"]
OTHERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("filter", {"type": "lowpass", "cutoff_hz": 20.0, "order": 1}),
    ("filter", {"type": "bandpass", "cutoff_hz": [1.0, 9.0], "order": 4}),
    ("statistics", {"features": MOMENTS}),
    ("statistics", {"features": MOMENTS}),
    ("fft", {"rows": 32, "step": 16}),
    ("fft", {"rows": 7, "step": 73}),
    ("fft", {"rows": 256, "size": 1024, "window": "boxcar"}),
    ("fft", {"rows": 50, "step": 30, "window": "flattop"}),
    ("fft", {"rows": 13, "step": 243}),
    ("fft", {"rows": 80, "size": 512}),
    ("spectrum", {"rows": 90, "output": "magnitude", "step": 83}),
)
"""Of spectra with 4 to 512 complex points, powers of 4 and twice them."""
BOARDS = {"mps2-an386": FIRS, "mps3-an547": (*FIRS, *OTHERS)}
"""What has a fast twin there."""


def graph(board: str) -> Graph:
    """The board's blocks; the outputs are what each gives."""
    scale = Quantization((1 / 1024,), (0,))
    inputs = {
        f"samples{channels}": Tensor(f"samples{channels}", (1, rows, channels), "int16", scale)
        for rows, channels in SHAPES
    }
    made, outputs = Graph("twins", inputs, (), tuple(inputs), ()), []
    for i, (name, keys) in enumerate(BOARDS[board]):
        outputs.append(f"{i}_{name}")
        at = Stream(made, tuple(inputs)[i % 2], 50.0)
        made = blocks.append(at, name, blocks.parse(name, keys), outputs[-1]).graph
    return replace(made, outputs=tuple(outputs))


def computed(made: Graph, board: str, inputs: tuple[Array, ...]) -> tuple[Array, ...]:
    with Stages(made, board) as stages:
        return harness.run(stages.device, stages.inputs, stages.outputs, inputs, lambda runs: None).outputs


@pytest.mark.parametrize("board", BOARDS)
def test_fast_twins_of_blocks_are_the_portable_ones(board: str) -> None:
    made = graph(board)
    plan = planner.plan(made, boards.load(board))
    assert "portable" not in {call.isa for layer in plan.layers for call in layer.calls}
    inputs = tuple(np.ascontiguousarray(sounds(rows, channels)) for rows, channels in SHAPES)
    for there, here, name in zip(
        computed(made, board, inputs), computed(made, "host", inputs), made.outputs, strict=True
    ):
        np.testing.assert_array_equal(there, here, name)


BINS = 1003


def awkward_bins() -> Array:
    """int32 [runs, 1, 1, 2 * BINS]: of all sizes; ends of the range; the squares next to a root's half."""
    rng = np.random.default_rng(7)
    runs = [rng.integers(-(1 << bits), 1 << bits, (BINS, 2)) for bits in (1, 4, 9, 15, 20, 27, 29, 31)]
    ends = (-(1 << 31), (1 << 31) - 1, (1 << 30) - 1, 1 << 30, (1 << 29) - 1, -(1 << 29), 1, 0)
    runs.append(rng.choice(ends, (BINS, 2)))
    for bits in (3, 16, 28, 30):
        root = rng.integers(1 << (bits - 1), 1 << bits, BINS)
        re = (root * rng.random(BINS)).astype(np.int64)
        im = [math.isqrt(r * (r + 1) - x * x) for r, x in zip(root.tolist(), re.tolist(), strict=True)]
        runs.append(np.stack([re, np.array(im) + rng.integers(0, 2, BINS)], axis=-1))
    found: Array = np.stack(runs).astype(np.int32).reshape(len(runs), 1, 1, 2 * BINS)
    return found


def test_magnitudes_are_those_of_integer_arithmetic() -> None:
    scale = Quantization((1.0,), (0,))
    tensors = {
        "bins": Tensor("bins", (1, 1, 2 * BINS), "int32", scale),
        "sizes": Tensor("sizes", (1, 1, BINS), "int32", scale),
    }
    op = Op("BLOCK_SPECTRUM", "sizes", ("bins",), ("sizes",), {"level": None})
    bins = awkward_bins()
    (sizes,) = computed(Graph("sizes", tensors, (op,), ("bins",), ("sizes",)), "mps3-an547", (bins,))
    energies = (bins.astype(object).reshape(-1, BINS, 2) ** 2).sum(axis=-1)
    # The nearest of sqrt(E) is half of floor(sqrt(4 E)), rounded up.
    nearest = [min((math.isqrt(4 * energy) + 1) // 2, (1 << 31) - 1) for energy in energies.ravel()]
    np.testing.assert_array_equal(sizes.ravel(), nearest)
