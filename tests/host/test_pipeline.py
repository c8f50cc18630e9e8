# SPDX-License-Identifier: Apache-2.0
"""Raw samples are replayed through stages and network: both judged, and a wrong stage is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import zoo
from tinyedge import model as models
from tinyedge import pipeline
from tinyedge.bench import trial
from tinyedge.bench.features import Stages
from tinyedge.blocks.attach import Front
from tinyedge.model import Model
from tinyedge.project import Input, Replay, Stage

SIGNAL = Input(rate_hz=100.0, lsb=1 / 1024, hop=4)


def model(cutoff_hz: float = 20.0) -> Model:
    """A small autoencoder behind a filter, a window and a normalisation."""
    made = models.load(zoo.OURS / "tiny_ae.tflite")
    stages = (
        Stage.model_validate({"block": "filter", "type": "lowpass", "cutoff_hz": cutoff_hz}),
        Stage.model_validate({"block": "window", "rows": rows(made)}),
        Stage.model_validate({"block": "normalize", "deviation": 2.0}),
    )
    return replace(made, front=Front(SIGNAL.model_copy(update={"channels": channels(made)}), stages))


def size(made: Model) -> int:
    return pipeline.check(made).inputs[0].spec.size


def channels(made: Model) -> tuple[str, ...]:
    return ("a", "b") if size(made) % 2 == 0 else ("a",)


def rows(made: Model) -> int:
    return size(made) // len(channels(made))


def recording(folder: Path, made: Model, runs: int) -> Path:
    assert made.front is not None and made.front.signal.channels is not None
    names = made.front.signal.channels
    rng = np.random.default_rng(3)
    values = rng.normal(0, 2, (4 * runs, len(names)))
    lines = [f"{10 * i}," + ",".join(f"{v:.5f}" for v in row) for i, row in enumerate(values)]
    path = folder / "r.csv"
    path.write_text(f"time_ms,{','.join(names)}\n" + "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("board", ["host"])
def test_stages_and_network_are_replayed_and_judged(tmp_path: Path, board: str) -> None:
    made = model()
    assert made.front is not None
    path = recording(tmp_path, made, 30)
    report = trial.test(made, board, Replay(file=path), tmp_path / "out", signal=made.front.signal)
    assert report.verdict == "pass" and report.bit_exact.frames == 30
    assert report.bit_exact.judged_by == "the same C on this machine and LiteRT's reference kernels"
    build = report.build
    assert [slot.name for slot in build.inputs] == ["samples"] and build.ram.state > 0
    assert report.replay.seen.values[0].dtype == np.int8 and len(np.unique(report.replay.seen.values[0])) > 20


def test_a_wrong_stage_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, other = model(), model(cutoff_hz=21.0)
    assert made.front is not None
    before = Stages.before
    monkeypatch.setattr(Stages, "before", classmethod(lambda cls, _: before(other)))
    path = recording(tmp_path, made, 12)
    report = trial.test(made, "host", Replay(file=path), tmp_path / "out", signal=made.front.signal)
    assert report.verdict == "fail"
    assert report.bit_exact.first_layer is not None
    assert report.bit_exact.first_layer.startswith("layer 0 block_filter 'samples/1_filter': ")
