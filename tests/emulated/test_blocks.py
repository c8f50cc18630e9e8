# SPDX-License-Identifier: Apache-2.0
"""Blocks give the same bits on emulated cores as on this machine, run after run with their states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinyedge.bench import features
from tinyedge.blocks import attach
from tinyedge.blocks.attach import Front
from tinyedge.build import Spec
from tinyedge.project import Input, Stage
from tinyedge.recording import Recording

MOTION = Front(
    Input(channels=("x", "y", "z"), rate_hz=50.0, lsb=1 / 1024, hop=5),
    (
        Stage.model_validate({"block": "filter", "type": "bandpass", "cutoff_hz": [0.5, 9.0]}),
        Stage.model_validate({"block": "window", "rows": 25}),
        Stage.model_validate(
            {"block": "statistics", "features": ["mean", "deviation", "rms", "peak_to_peak"]}
        ),
        Stage.model_validate({"block": "normalize", "deviation": 3.0}),
    ),
)
SPEECH = Front(
    Input(channels=("microphone",), rate_hz=16_000.0, lsb=1 / 32768, hop=320),
    (Stage(block="audio_frontend"),),
)
SPECTRA = Front(
    Input(channels=("x", "y"), rate_hz=1000.0, lsb=1 / 1024, hop=100),
    (
        Stage.model_validate({"block": "window", "rows": 300}),
        Stage.model_validate({"block": "fft", "rows": 250, "step": 50, "size": 512}),
        Stage.model_validate({"block": "mel", "filters": 20}),
    ),
)


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


@pytest.mark.parametrize("board", ["mps3-an547", "qemu-virt-rv32", "mps2-an386"])
@pytest.mark.parametrize(
    ("front", "runs"), [(MOTION, 40), (SPEECH, 12), (SPECTRA, 10)], ids=["motion", "speech", "spectra"]
)
def test_a_board_and_this_machine_agree(front: Front, runs: int, board: str) -> None:
    graph = attach.alone(front, "features")
    recording = samples(front, runs)
    here = features.compute(graph, recording)
    there = features.compute(graph, recording, board=board)
    np.testing.assert_array_equal(there.values, here.values)
    assert len(np.unique(here.values)) > 50
