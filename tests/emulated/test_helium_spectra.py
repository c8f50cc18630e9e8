# SPDX-License-Identifier: Apache-2.0
"""The transform on Helium gives the bits of the portable one: every size, frames that end early, channels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.host.test_spectra import sounds
from tinyedge import blocks
from tinyedge import board as boards
from tinyedge import plan as planner
from tinyedge.bench.features import Stages
from tinyedge.blocks import Stream
from tinyedge.graph import Array, Graph, Quantization, Tensor
from tinyedge.judge import harness

FRAMES: tuple[dict[str, Any], ...] = (
    {"rows": 7},
    {"rows": 13, "window": "boxcar"},
    {"rows": 32, "step": 16},
    {"rows": 50, "window": "flattop"},
    {"rows": 200, "size": 512},
    {"rows": 256, "size": 1024, "window": "boxcar"},
)
"""With 4 to 512 complex points, powers of 4 and twice them."""


def graph(rows: int, channels: int) -> Graph:
    """Several transforms of the beginnings of the same samples, as far as `rows` fit."""
    samples = Tensor("samples", (1, rows, channels), "int16", Quantization((1.0,), (0,)))
    made = Graph("spectra", {"samples": samples}, (), ("samples",), ("samples",))
    outputs = []
    for i, keys in enumerate(FRAMES):
        step = keys.get("step", rows - keys["rows"] or 1)
        at = replace(Stream(made, "samples"), graph=made)
        made = blocks.append(at, "fft", blocks.parse("fft", {"step": step, **keys}), f"bins{i}").graph
        outputs.append(f"bins{i}")
    return replace(made, outputs=tuple(outputs))


def computed(board: str, samples: Array) -> tuple[Array, ...]:
    with Stages(graph(*samples.shape[2:]), board) as stages:
        stored = (np.ascontiguousarray(samples),)
        return harness.run(stages.device, stages.inputs, stages.outputs, stored, lambda runs: None).outputs


def test_spectra_on_helium_are_the_portable_ones() -> None:
    plan = planner.plan(graph(256, 2), boards.load("mps3-an547"))
    assert {layer.kernel for layer in plan.layers} == {"spectra_s16_helium"}
    samples = sounds(256, 2)
    for there, here in zip(computed("mps3-an547", samples), computed("host", samples), strict=True):
        np.testing.assert_array_equal(there, here)
