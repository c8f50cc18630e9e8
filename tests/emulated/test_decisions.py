# SPDX-License-Identifier: Apache-2.0
"""Decisions behind a network are made on an emulated core, each stage's bits as on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import zoo
from tinyedge import model as models
from tinyedge import pipeline
from tinyedge.bench import trial
from tinyedge.blocks.behind import Back
from tinyedge.project import Replay, Stage

RUNS = 40


@pytest.mark.parametrize("scoring", ["kmeans", "gmm"])
@pytest.mark.parametrize("board", ["qemu-virt-rv32"])
def test_every_stage_agrees(tmp_path: Path, board: str, scoring: str) -> None:
    made = models.load(zoo.OURS / "tiny_ae.tflite")
    frame = pipeline.check(made).inputs[0].spec
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 1, (3, frame.size))
    alike = {"weights": [1.0] * 3, "covariances": [(np.eye(frame.size) / 4).tolist()] * 3}
    keys = {
        "kmeans": {"centres": centres.tolist(), "deviation": [0.5] * frame.size},
        "gmm": {"means": centres.tolist(), **alike},
    }
    # In nats half the square of the distance, and what the peak's density is.
    level, off = (14.0, 12.0) if scoring == "kmeans" else (107.0, 81.0)
    stages = (
        {"block": "reconstruction_error", "kind": "mae"},
        {"block": scoring, "of": "input", **keys[scoring]},
        {"block": "drift", "of": "input", "edges": [-1.0, 0.0, 1.5], "expected": [0.1, 0.4, 0.4, 0.1]},
        {"block": "moving_average", "runs": 3},
        {"block": "threshold", "level": level, "off": off},
        {"block": "majority", "runs": 3},
        {"block": "debounce", "runs": 2, "hold": 4},
    )
    made = replace(made, back=Back(tuple(Stage.model_validate(keys) for keys in stages)))
    loud = np.where(np.arange(RUNS) % 16 < 8, 0.5, 2.0)[:, None]
    values = rng.normal(0, 1, (RUNS, frame.size)) * loud
    np.savez(tmp_path / "r.npz", x=values.reshape(RUNS, *frame.frame).astype(np.float32))
    report = trial.test(made, board, Replay(file=tmp_path / "r.npz"), tmp_path / "out")
    assert report.verdict == "pass" and report.bit_exact.frames == RUNS
    counts, score, decision = report.replay.outputs
    assert counts[-1].sum() == RUNS * frame.size and (counts[-1] > 0).all()
    assert len(np.unique(score)) > RUNS // 2 and set(decision.ravel()) == {0, 1}
