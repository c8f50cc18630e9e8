# SPDX-License-Identifier: Apache-2.0
"""Blocks give the same bits on emulated cores as on this machine, run after run with their states."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyedge.bench import features
from tinyedge.blocks import attach
from tinyedge.blocks.attach import Front
from tinyedge.build import Spec
from tinyedge.graph import Array
from tinyedge.project import Input, Stage
from tinyedge.recording import Recording


def front(rate_hz: float, hop: int, channels: str, *stages: dict[str, Any]) -> Front:
    signal = Input(channels=tuple(channels), rate_hz=rate_hz, lsb=1 / 1024, hop=hop)
    return Front(signal, tuple(Stage.model_validate(stage) for stage in stages))


MOMENTS = ["mean", "deviation", "rms", "peak_to_peak", "variance", "kurtosis", "crest_factor"]
FRONTS = {
    "motion": front(
        50.0,
        5,
        "xyz",
        {"block": "filter", "type": "bandpass", "cutoff_hz": [0.5, 9.0]},
        {"block": "window", "rows": 25},
        {"block": "statistics", "features": MOMENTS},
        {"block": "normalize", "deviation": 3.0},
    ),
    "speech": front(16_000.0, 320, "m", {"block": "audio_frontend"}),
    "cepstra": front(
        1000.0,
        100,
        "xyz",
        {"block": "decimate", "factor": 2, "taps": 21},
        {"block": "magnitude"},
        {"block": "fir", "coefficients": [1.0, -0.9]},
        {"block": "window", "rows": 150},
        {"block": "detrend", "type": "linear"},
        {"block": "fft", "rows": 100, "step": 50},
        {"block": "mel", "filters": 20},
        {"block": "mfcc", "coefficients": 10},
        {"block": "delta", "width": 3},
    ),
    "bands": front(
        1000.0,
        100,
        "xy",
        {"block": "fft"},
        {"block": "bands", "bands_hz": [[0.0, 50.0], [50.0, 400.0]]},
        {"block": "normalize", "dtype": "int16"},
    ),
}
BOARDS = ("mps3-an547", "qemu-virt-rv32", "mps2-an386")
PAIRS = [(name, board) for name in ("motion", "speech", "cepstra") for board in BOARDS]
PAIRS += [("bands", "qemu-virt-rv32")]


def samples(front: Front, runs: int) -> Recording:
    """Noise that grows, in the sensor's physical units."""
    graph = attach.alone(front, "features")
    spec_of = graph.tensors["samples"]
    rng = np.random.default_rng(1)
    shape = (runs, *spec_of.shape[1:])
    loud = np.geomspace(20, 30_000, runs)[:, None, None]
    steps = np.clip(rng.normal(0, 1, shape) * loud, -32768, 32767).astype(np.int16)
    spec = Spec("samples", spec_of.shape, "int16", spec_of.scale, 0)
    return Recording(Path("noise"), (spec,), (steps,))


@functools.cache
def computed(name: str, board: str) -> Array:
    recording = samples(FRONTS[name], 40 if name == "motion" else 12)
    return features.compute(attach.alone(FRONTS[name], "features"), recording, board=board).values


@pytest.mark.parametrize(("name", "board"), PAIRS)
def test_a_board_and_this_machine_agree(name: str, board: str) -> None:
    there, here = computed(name, board), computed(name, "host")
    np.testing.assert_array_equal(there, here)
    assert len(np.unique(here)) > 15
