# SPDX-License-Identifier: Apache-2.0
"""Takes a Replay with labels, gives how good the device's decisions are; None where it decides nothing."""

from __future__ import annotations

import numpy as np

from tinyedge.build import Build
from tinyedge.errors import InvalidMeasurement
from tinyedge.graph import Array
from tinyedge.judge import detection, orders
from tinyedge.judge.detection import NONE, Detection
from tinyedge.judge.harness import Replay
from tinyedge.project import Task
from tinyedge.recording import dequantize, metrics
from tinyedge.recording.metrics import Metric


def judge(replay: Replay, build: Build, metric: Metric, task: Task) -> Detection | None:
    """Of the frames behind the warm-up; where the device decides nothing, the class that its output names."""
    labels, decided, judged = replay.replayed.labels, build.decision, replay.settled
    if labels is None or not judged.any():
        return None
    decisions = decisions_of(replay, build, metric)
    if decisions is None:
        return None
    yes_or_no = decided is not None and decided.nothing == 0
    names = _names(replay, decisions, yes_or_no)
    labels = np.asarray(labels[judged] != 0, np.int64) if yes_or_no else labels[judged]
    decisions = decisions[judged]
    table = detection.confusion(labels, decisions, len(names))
    given = replay.recording.classes
    order = None if yes_or_no else orders.find(table, names, len(given), replay.recording.words)
    score = score_of(replay, build)
    kept = score is not None and yes_or_no
    period = replay.recording.period_us
    return Detection(
        frames=len(labels),
        warm_up=int(np.count_nonzero(~judged)),
        classes=detection.figures(table, names),
        columns=(*names, NONE),
        confusion=tuple(tuple(int(n) for n in row) for row in table),
        auc=metrics.auc(labels, score[judged]) if kept and score is not None else None,
        partial_auc=metrics.auc(labels, score[judged], 0.1) if kept and score is not None else None,
        level=decided.level if decided else None,
        events=detection.events(
            labels,
            decisions,
            0 if yes_or_no else None,
            decided.nothing if decided else None,
            None if period is None else period / 1e6,
            task.tolerance_s,
            task.merge_s,
        ),
        order=order,
    )


def decisions_of(replay: Replay, build: Build, metric: Metric) -> Array | None:
    """int64 [N]: what the device decided, or the class that its output names; None where there is neither."""
    if build.decision is not None and build.decision.decision is not None:
        return replay.output(build.decision.decision).reshape(replay.frames).astype(np.int64)
    if metric.kind != "accuracy":
        return None
    said = replay.said
    return metrics.classes(dequantize(said.device[0], said.specs[0]))


def score_of(replay: Replay, build: Build) -> Array | None:
    """float64 [N]: the score that the device decides by, in its physical units; None where it has none."""
    if build.decision is None or build.decision.score is None:
        return None
    spec = next(spec for spec in replay.specs if spec.name == build.decision.score)
    values = replay.output(spec.name).reshape(replay.frames, -1)
    if values.shape[1] != 1:
        return None
    return np.asarray(values[:, 0].astype(np.float64) * (spec.scale or 1.0))


def _names(replay: Replay, decisions: Array, yes_or_no: bool) -> tuple[str, ...]:
    labels = replay.replayed.labels
    assert labels is not None
    given = replay.recording.classes
    if yes_or_no:
        return given if len(given) == 2 else ("normal", "anomaly")
    if labels.min() < 0:
        raise InvalidMeasurement(
            f"{replay.recording.path}: a label is {labels.min()}, and classes are counted from 0",
            "correct the labels, or name them: `classes` under [recording]",
        )
    count = int(max(labels.max(), decisions.max())) + 1
    return tuple(given[at] if at < len(given) else str(at) for at in range(count))
