# SPDX-License-Identifier: Apache-2.0
"""Raw samples are replayed through stages and network: both judged, and a wrong stage is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import zoo
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import pipeline
from tinyedge.bench import trial
from tinyedge.bench.features import Stages
from tinyedge.bench.observer import Nobody
from tinyedge.blocks.attach import Front
from tinyedge.blocks.behind import Back
from tinyedge.blocks.drift import stability_index
from tinyedge.errors import UsageError
from tinyedge.judge import drifting, harness
from tinyedge.judge.report import Report
from tinyedge.model import Model
from tinyedge.project import Input, Replay, Stage, Task

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


def deciding(cutoff_hz: float = 20.0, debounce: int = 2) -> Model:
    """The same, with a decision behind it whose numbers are to be learnt."""
    stages = (
        {"block": "reconstruction_error", "kind": "mae"},
        {"block": "moving_average", "runs": 3},
        {"block": "drift", "bins": 4},
        {"block": "threshold", "false_alarms": 0.005},
        {"block": "debounce", "runs": debounce},
    )
    return replace(model(cutoff_hz), back=Back(tuple(Stage.model_validate(keys) for keys in stages)))


def judged(folder: Path, made: Model, board: str, told: list[str] | None = None) -> Report:
    """Learn from a quiet recording, replay one with three bursts, each of 10 runs."""
    assert made.front is not None and made.front.signal.channels is not None
    names, rng = made.front.signal.channels, np.random.default_rng(3)
    paths = folder / "normal.csv", folder / "replay.csv"
    for path, runs, bursts in ((paths[0], 150, ()), (paths[1], 120, (40, 70, 100))):
        values = rng.normal(0, 0.6, (4 * runs, len(names)))
        label = np.zeros(4 * runs, np.int64)
        for at in bursts:
            values[4 * at : 4 * at + 40] *= 6
            label[4 * at : 4 * at + 40] = 1
        rows = [
            f"{10 * i}," + ",".join(f"{v:.5f}" for v in row) + f",{label[i]}" for i, row in enumerate(values)
        ]
        path.write_text(f"time_ms,{','.join(names)},label\n" + "\n".join(rows) + "\n")

    class Listener(Nobody):
        def say(self, what: str) -> None:
            if told is not None:
                told.append(what)

    task = Task(normal=paths[0], tolerance_s=0.2, merge_s=0.1)
    return trial.test(
        made,
        board,
        Replay(file=paths[1], metric="none"),
        folder / "out",
        signal=made.front.signal,
        task=task,
        observer=Listener(),
    )


@pytest.mark.parametrize("board", ["host"])
def test_a_decision_is_learnt_made_on_the_device_and_judged(tmp_path: Path, board: str) -> None:
    told: list[str] = []
    report = judged(tmp_path, deciding(), board, told)
    assert report.verdict == "pass" and report.bit_exact.frames == 120
    assert report.bit_exact.judged_by == "the same C on this machine and LiteRT's reference kernels"
    learnt = [line for line in told if line.startswith("learnt from")]
    assert len(learnt) == 2 and "edges and expected of drift" in learnt[0] and "level of thresh" in learnt[1]
    build, found = report.build, report.detection
    assert [slot.name for slot in build.inputs] == ["samples"] and build.ram.state > 0
    assert report.replay.seen.values[0].dtype == np.int8 and len(np.unique(report.replay.seen.values[0])) > 20
    assert build.decision is not None and found is not None and found.auc is not None
    assert [slot.name.split("_", 1)[1] for slot in build.outputs] == ["drift", "moving_average", "debounce"]
    # The filter (20 of 100 Hz: 8 rows), the window, and what the average wants: no decision before that.
    warm = 2 + -(-build.features[0].spec.size // 8) - 1 + 2
    assert build.warm_up == found.warm_up == warm > 2 and found.frames == 120 - warm
    assert not report.replay.outputs[2][:warm].any()
    events = found.events
    assert (events.events, events.found, events.false_alarms) == (3, 3, 0) and found.auc > 0.9
    assert events.delay_p50 is not None and 0 < events.delay_p50 <= 0.4
    counts = report.replay.outputs[0][-1].ravel()
    expected = build.decision.counters[0].expected
    assert counts.sum() == 120 - warm and stability_index(expected, counts.tolist()) > 0.25
    stored = [values.reshape(120, *build.inputs[0].shape) for values in report.replay.recording.stored()]
    with pipeline.connect(tmp_path / "out", build=build) as unit:
        (unused,) = drifting.of(build, lambda slot: slot.read(unit))
        harness.run(unit, build.inputs, build.outputs, stored, lambda steps: None)
        live = drifting.of(build, lambda slot: slot.read(unit))
        assert (
            live == drifting.of(build, lambda slot: slot.read(unit)) == report.drift
        )  # asking changes nothing
    assert sum(unused.counts) == 0


def test_a_wrong_decision_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also without stages before the network, where the recording holds what it is fed."""
    keys = ({"block": "reconstruction_error"}, {"block": "threshold", "level": 0.0})
    right, wrong = (
        Back(
            (
                *(Stage.model_validate(each) for each in keys),
                Stage.model_validate({"block": "debounce", "runs": n}),
            )
        )
        for n in (2, 3)
    )
    behind = Stages.behind
    monkeypatch.setattr(
        Stages, "behind", staticmethod(lambda model, options: behind(replace(model, back=wrong), options))
    )
    made = replace(models.load(zoo.OURS / "tiny_ae.tflite"), back=right)
    shape = pipeline.check(made).inputs[0].spec.frame
    np.savez(tmp_path / "r.npz", x=np.random.default_rng(0).normal(0, 1, (4, *shape)).astype(np.float32))
    report = trial.test(made, "host", Replay(file=tmp_path / "r.npz"), tmp_path / "out")
    assert report.verdict == "fail" and report.bit_exact.frames == 3
    assert report.bit_exact.first_layer is not None
    assert "block_debounce 'decision/3_debounce': 1 of 1 elements differ" in report.bit_exact.first_layer


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


def test_a_window_of_the_host_beside_that_of_the_device_is_refused(tmp_path: Path) -> None:
    made = model()
    assert made.front is not None
    compiled = pipeline.plan(made, boards.load("host"))
    replay = Replay(file=tmp_path / "r.csv", window=5)
    with pytest.raises(UsageError, match="the device cuts its windows itself"):
        trial.read(pipeline.draft(compiled), replay, signal=made.front.signal)
