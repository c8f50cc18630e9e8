# SPDX-License-Identifier: Apache-2.0
"""What `tinyedge features` writes is what the stages' references make of the recording, with its labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tinyedge import blocks
from tinyedge.blocks import Stream
from tinyedge.commands.features import command
from tinyedge.graph import Graph, Quantization, Tensor

TOML = """
[input]
channels = ["ax", "ay"]
rate_hz = 50
lsb = 0.0009765625
hop = 5

[[preprocess]]
block = "filter"
type = "lowpass"
cutoff_hz = 5.0

[[preprocess]]
block = "window"
rows = 25

[[preprocess]]
block = "statistics"
features = ["rms", "maximum"]
"""


def test_a_recording_becomes_features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tinyedge.toml").write_text(TOML)
    rng = np.random.default_rng(0)
    values = np.round(rng.normal(0, 3, (200, 2)), 4)
    words = ["rest"] * 100 + ["shake"] * 100
    rows = [f"{20 * i},{y},{x},{word}" for i, ((x, y), word) in enumerate(zip(values, words, strict=True))]
    Path("r.csv").write_text("time_ms,ay,ax,label\n" + "\n".join(rows) + "\n")
    done = CliRunner().invoke(command, ["r.csv", "-o", "f.npz"], catch_exceptions=False)
    assert done.exit_code == 0 and "time: `time_ms`, taken as ms: 50 Hz" in done.output
    made = np.load("f.npz")
    assert made["y"].tolist() == [0] * 20 + [1] * 20

    lsb = 1 / 1024
    before = Stream(
        Graph("g", {"s": Tensor("s", (1, 5, 2), "int16", Quantization((lsb,), (0,)))}, (), ("s",), ("s",)),
        "s",
        50.0,
    )
    reals = (np.round(values / lsb) * lsb).reshape(40, 5, 2)
    for name, keys in (
        ("filter", {"type": "lowpass", "cutoff_hz": 5.0}),
        ("window", {"rows": 25}),
        ("statistics", {"features": ["rms", "maximum"]}),
    ):
        block, given = blocks.lookup(name), blocks.parse(name, keys)
        assert block.reference is not None
        reals = block.reference(reals, given, before)
    assert made["x"].shape == (40, 4)
    assert np.abs(made["x"] - reals).max() <= 2 * lsb


def test_what_calibrates_a_project_goes_through_its_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`tinyedge quantize`, too: raw samples that happen to fit the model must not be taken for its inputs."""
    from tinyedge.bench import features
    from tinyedge.blocks.attach import Front
    from tinyedge.commands.quantize import _from_project
    from tinyedge.console import Console
    from tinyedge.project import Calibration

    monkeypatch.chdir(tmp_path)
    Path("tinyedge.toml").write_text(f'model = "m.keras"\n{TOML}\n[calibration]\nfile = "r.csv"\n')
    asked: list[tuple[str, ...]] = []

    def made(front: Front, given: Calibration, *others: object) -> Calibration:
        asked.append((given.file.name, *(stage.block for stage in front.stages)))
        return given.model_copy(update={"file": Path("features.npz")})

    monkeypatch.setattr(features, "calibration", made)
    for calibrate, name in ((None, "r.csv"), (Path("other.csv"), "other.csv")):
        model, given = _from_project(Console(), None, calibrate, False, {"samples": 7})
        assert (model.name, given.file.name, given.samples) == ("m.keras", "features.npz", 7)
        assert asked.pop() == (name, "filter", "window", "statistics")
    _, given = _from_project(Console(), Path("stranger.keras"), Path("x.npz"), False, {})
    assert given.file == Path("x.npz") and not asked
