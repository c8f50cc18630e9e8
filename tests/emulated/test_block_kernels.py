# SPDX-License-Identifier: Apache-2.0
"""Fast twins of blocks give the bits of the portable ones: odd sizes, channels, extremes, states."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.emulated import test_helium as helium
from tests.host.test_spectra import sounds
from tinyedge import blocks
from tinyedge import board as boards
from tinyedge import plan as planner
from tinyedge.bench.features import Stages
from tinyedge.blocks import Stream
from tinyedge.graph import Array, Graph, Op, Quantization, Tensor
from tinyedge.judge import harness
from tinyedge.options import Options

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
BUILDS = {
    ("mps2-an386", None): FIRS,
    ("mps3-an547", None): (*FIRS, *OTHERS),
    ("mps3-an547", "gcc"): OTHERS,
}
"""What has a fast twin on a board, and is compiled by its default compiler or another."""
BINS = 1503


def graph(stages: tuple[tuple[str, dict[str, Any]], ...]) -> Graph:
    """Each of the blocks by itself; the outputs are what they give."""
    scale = Quantization((1 / 1024,), (0,))
    inputs = {
        f"samples{channels}": Tensor(f"samples{channels}", (1, rows, channels), "int16", scale)
        for rows, channels in SHAPES
    }
    made, outputs = Graph("twins", inputs, (), tuple(inputs), ()), []
    for i, (name, keys) in enumerate(stages):
        outputs.append(f"{i}_{name}")
        at = Stream(made, tuple(inputs)[i % 2], 50.0)
        made = blocks.append(at, name, blocks.parse(name, keys), outputs[-1]).graph
    made = replace(made, outputs=tuple(outputs))
    return with_bins(made) if OTHERS[-1] in stages else made


def with_bins(made: Graph) -> Graph:
    """Also magnitudes of bins that no transform gave."""
    scale = Quantization((1.0,), (0,))
    tensors = {
        "bins": Tensor("bins", (1, 1, 2 * BINS), "int32", scale),
        "sizes": Tensor("sizes", (1, 1, BINS), "int32", scale),
    }
    op = Op("BLOCK_SPECTRUM", "sizes", ("bins",), ("sizes",), {"level": None})
    return replace(
        made,
        tensors={**made.tensors, **tensors},
        ops=(*made.ops, op),
        inputs=(*made.inputs, "bins"),
        outputs=(*made.outputs, "sizes"),
    )


def computed(
    made: Graph, board: str, inputs: tuple[Array, ...], compiler: str | None = None
) -> tuple[Array, ...]:
    with Stages(made, board, Options("speed", compiler=compiler)) as stages:
        return harness.run(stages.device, stages.inputs, stages.outputs, inputs, lambda runs: None).outputs


def awkward_bins(runs: int) -> Array:
    """int32 [runs, 1, 1, 2 * BINS]: of all sizes; ends of the range; the squares next to a root's half."""
    rng, count = np.random.default_rng(7), BINS * runs // 12
    kinds = [rng.integers(-(1 << bits), 1 << bits, (count, 2)) for bits in (1, 4, 9, 15, 20, 27, 31)]
    ends = (-(1 << 31), (1 << 31) - 1, (1 << 30) - 1, 1 << 30, (1 << 29) - 1, -(1 << 29), 1, 0)
    kinds.append(rng.choice(ends, (count, 2)))
    for bits in (3, 16, 28, 30):
        root = rng.integers(1 << (bits - 1), 1 << bits, count)
        re = (root * rng.random(count)).astype(np.int64)
        im = [math.isqrt(r * (r + 1) - x * x) for r, x in zip(root.tolist(), re.tolist(), strict=True)]
        kinds.append(np.stack([re, np.array(im) + rng.integers(0, 2, count)], axis=-1))
    found: Array = np.concatenate(kinds).astype(np.int32).reshape(runs, 1, 1, 2 * BINS)
    return found


def nearest(bins: Array) -> Array:
    """Magnitudes by integer arithmetic: of sqrt(E) half of floor(sqrt(4 E)), rounded up."""
    energies = (bins.astype(object).reshape(-1, 2) ** 2).sum(axis=-1)
    return np.array([min((math.isqrt(4 * energy) + 1) // 2, (1 << 31) - 1) for energy in energies])


@pytest.mark.parametrize(("board", "compiler"), BUILDS)
def test_fast_twins_of_blocks_are_the_portable_ones(board: str, compiler: str | None) -> None:
    helium.skip_without(compiler)
    made = graph(BUILDS[board, compiler])
    plan = planner.plan(made, boards.load(board), Options("speed"))
    assert "portable" not in {call.isa for layer in plan.layers for call in layer.calls}
    inputs = [np.ascontiguousarray(sounds(rows, channels)) for rows, channels in SHAPES]
    if "bins" in made.inputs:
        inputs.append(awkward_bins(len(inputs[0])))
    found = computed(made, board, tuple(inputs), compiler)
    for there, here, name in zip(found, computed(made, "host", tuple(inputs)), made.outputs, strict=True):
        np.testing.assert_array_equal(there, here, name)
    if "bins" in made.inputs:
        np.testing.assert_array_equal(found[-1].ravel(), nearest(inputs[-1]))
