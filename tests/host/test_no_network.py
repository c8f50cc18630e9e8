# SPDX-License-Identifier: Apache-2.0
"""A project without a network, for parts too small for one: features, a distance, a decision."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import distance

from tinyedge import cli

TOML = """
[input]
channels = ["x", "y"]
rate_hz = 100.0
lsb = 0.001
hop = 10

[[preprocess]]
block = "window"
rows = 20
[[preprocess]]
block = "statistics"
features = ["mean", "deviation"]

[[postprocess]]
block = "{block}"
[[postprocess]]
block = "threshold"
false_alarms = 0.01

[task]
normal = "normal.csv"
[replay]
file = "replay.csv"
"""


def record(file: Path, seed: int, loud: range) -> None:
    rng = np.random.default_rng(seed)
    rows = [rng.normal(0, 1 + 4 * (at // 100 in loud), 2) for at in range(2000)]
    text = "".join(f"{10 * at},{x:.4f},{y:.4f},{int(at // 100 in loud)}\n" for at, (x, y) in enumerate(rows))
    file.write_text("time_ms,x,y,label\n" + text)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, "--json"])
    said = capsys.readouterr()
    return int(ended.value.code or 0), json.loads(said.out) if said.out else {"said": said.err}


def test_a_pipeline_is_a_project_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tinyedge.toml").write_text(TOML.format(block="kmeans"))
    record(tmp_path / "normal.csv", 1, range(0))
    record(tmp_path / "replay.csv", 2, range(8, 11))
    monkeypatch.chdir(tmp_path)
    code, checked = run(capsys, "check", "-b", "host")
    assert code == 0 and [layer["op"] for layer in checked["layers"]].count("reshape") <= 2, checked  # type: ignore[attr-defined]
    code, made = run(capsys, "export", "-f", "cmake", "-o", "lib")
    assert code == 0, made
    code, report = run(capsys, "test", "-b", "host")
    assert code == 0, report
    found = report["detection"]
    assert report["verdict"] == "pass" and report["bit_exact"]["frames"] == 200  # type: ignore[index]
    assert found["events"]["found"] == found["events"]["events"] == 1  # type: ignore[index]
    assert found["auc"] > 0.95 and report["accuracy"]["metric"] is None  # type: ignore[index]


def test_the_distance_is_scipys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the features that `tinyedge features` gives: what is learnt, and the scores of a recording."""
    from tinyedge import board as boards
    from tinyedge.bench import features, trial
    from tinyedge.commands._job import resolve
    from tinyedge.console import Console

    (tmp_path / "tinyedge.toml").write_text(TOML.format(block="mahalanobis"))
    record(tmp_path / "normal.csv", 1, range(0))
    record(tmp_path / "replay.csv", 2, range(8, 11))
    monkeypatch.chdir(tmp_path)
    job = resolve(None, None, None, None, None)
    assert job.project is not None and job.project.replay is not None
    report = trial.test(
        job.load(Console()),
        boards.load("host"),
        job.project.replay,
        tmp_path / "out",
        signal=job.project.input,
    )
    normal, seen = (
        features.of_project(tmp_path, tmp_path / name).real().reshape(200, -1).astype(np.float64)
        for name in ("normal.csv", "replay.csv")
    )
    settled = normal[1:]
    inverse = np.linalg.inv(np.cov(settled.T))
    wanted = [distance.mahalanobis(row, settled.mean(axis=0), inverse) for row in seen[1:]]
    assert report.scores is not None
    np.testing.assert_allclose(report.scores[1:], wanted, atol=0.05)
