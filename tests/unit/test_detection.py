# SPDX-License-Identifier: Apache-2.0
"""Decisions are judged by window as scikit-learn does it, and by event as counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_score, recall_score, roc_auc_score

from tinyedge.judge import detection
from tinyedge.judge.detection import Span, events, spans
from tinyedge.recording import metrics


def stream(text: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """One digit a frame; `.` is 0, `-` is -1."""
    return np.array([{".": 0, "-": -1}.get(c, 0) if c in ".-" else int(c) for c in text], np.int64)


@pytest.mark.parametrize(
    ("labels", "decisions", "tolerance", "merge", "found", "detections", "alarms", "delays"),
    [
        # found with a delay of 2 frames; one alarm far from it
        ("....1111........", "......11....11..", 0, 0, 1, 2, 1, (2.0, 2.0)),
        # one that comes 2 frames late is an alarm, unless that much is tolerated
        ("...11...........", "......1.........", 0, 0, 0, 1, 1, None),
        ("...11...........", "......1.........", 2, 0, 1, 1, 0, (3.0, 3.0)),
        # early by one: no delay
        ("....1111........", "...11...........", 1, 0, 1, 1, 0, (0.0, 0.0)),
        # three alarms that chatter are one
        ("................", "..1.1.1.........", 0, 0, 0, 3, 3, None),
        ("................", "..1.1.1.........", 0, 1, 0, 1, 1, None),
        # another class is no detection of this one, and both events are counted
        ("..111..222......", "..222..222......", 0, 0, 1, 2, 1, (0.0, 0.0)),
        # two events, delays 1 and 3
        ("..1111....1111..", "...111.......1..", 0, 0, 2, 2, 0, (2.0, 3.0)),
        # one detection over two events finds both
        ("..11..11........", "..111111........", 0, 0, 2, 1, 0, (0.0, 0.0)),
        ("................", "................", 0, 0, 0, 0, 0, None),
    ],
)
def test_events(
    labels: str,
    decisions: str,
    tolerance: float,
    merge: float,
    found: int,
    detections: int,
    alarms: int,
    delays: tuple[float, float] | None,
) -> None:
    made = events(stream(labels), stream(decisions), 0, 0, 0.5, tolerance * 0.5, merge * 0.5)
    assert (made.found, made.detections, made.false_alarms) == (found, detections, alarms)
    wanted = None if delays is None else (delays[0] * 0.5, delays[1] * 0.5)
    assert (None if made.delay_p50 is None else (made.delay_p50, made.delay_max)) == wanted
    outside = labels.count(".") * 0.5 / 3600
    assert made.false_alarms_per_hour == pytest.approx(alarms / outside)
    assert made.precision == (None if not detections else (detections - alarms) / detections)


def test_without_times_there_is_no_rate() -> None:
    made = events(stream("..11.."), stream("...1.."), 0, 0, None, 5.0, 5.0)
    assert made.found == 1 and made.delay_p50 is None and made.false_alarms_per_hour is None


def test_stretches() -> None:
    assert spans(stream("..11.2--"), 0) == [Span(1, 2, 3), Span(2, 5, 5), Span(-1, 6, 7)]
    assert spans(stream("1.1.2"), 0, 1) == [Span(1, 0, 2), Span(2, 4, 4)]
    assert spans(stream("0011"), None) == [Span(0, 0, 1), Span(1, 2, 3)]


def test_windows_are_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    labels, decisions = rng.integers(0, 3, 500), rng.integers(-1, 4, 500)
    table = detection.confusion(labels, decisions, 4)
    np.testing.assert_array_equal(
        table[:, [4, 0, 1, 2, 3]], confusion_matrix(labels, decisions, labels=[-1, 0, 1, 2, 3])[1:]
    )
    made = detection.figures(table, "abcd")
    right = [
        function(labels, decisions, labels=range(4), average=None, zero_division=0.0)
        for function in (precision_score, recall_score)
    ]
    assert [each.precision for each in made] == pytest.approx(list(right[0]))
    assert [each.recall for each in made][:3] == pytest.approx(list(right[1][:3])) and made[3].recall is None


def test_a_partial_auc_is_standardised() -> None:
    rng = np.random.default_rng(1)
    labels, scores = np.arange(400) % 4 // 3, rng.normal(0, 1, 400)
    assert metrics.auc(labels, scores, 0.1) == roc_auc_score(labels != 0, scores, max_fpr=0.1)
    assert metrics.auc(labels, labels.astype(np.float64), 0.1) == 1.0
