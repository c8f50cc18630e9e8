# SPDX-License-Identifier: Apache-2.0
"""A confusion that is a permutation is told as one, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests import replays
from tinyedge import text
from tinyedge.judge import detection, markdown, orders, page
from tinyedge.judge.detection import Detection, Events

NAMES = ("badminton", "running", "standing", "walking")
NOTHING = Events(0, 0, 0, 0, None, None, None, None, None)


def table(*rows: tuple[int, ...], undecided: int = 0) -> detection.Numbers:
    """A confusion; `undecided`: frames of each label in which nothing was decided."""
    return np.array([[*row, undecided if any(row) else 0] for row in rows], np.int64)


def test_the_order_is_that_of_the_outputs() -> None:
    counted = table((0, 1, 19, 0), (0, 0, 0, 20), (0, 20, 0, 0), (18, 0, 0, 2))
    found = orders.find(counted, NAMES, 4, words=True)
    assert found is not None
    assert found.classes == ("walking", "standing", "badminton", "running")
    assert (found.accuracy, found.given) == (77 / 80, 2 / 80)
    # Labels numbered in that order are right.
    order = [NAMES.index(name) for name in found.classes]
    assert np.trace(counted[order]) == 77
    assert orders.find(counted[order], found.classes, 4, words=True) is None
    said = orders.sentence(found)
    assert '`classes = ["walking", "standing", "badminton", "running"]` under [recording]' in said
    assert "an accuracy of 0.9625 instead of 0.0250" in said


def test_classes_that_are_right_keep_their_places_however_badly_they_do() -> None:
    found = orders.find(table((0, 20, 0), (20, 0, 0), (9, 9, 2)), ("0", "1", "2"), 0, words=False)
    assert found is not None and found.classes == ("1", "0", "2")
    assert "writing 1 as 0, 0 as 1 in the recording or its labels gives" in orders.sentence(found)


@pytest.mark.parametrize(
    "rows",
    [
        ((20, 0, 0), (0, 20, 0), (0, 0, 20)),  # right
        ((20, 0, 0), (20, 0, 0), (20, 0, 0)),  # always the same, of which any order makes a third
        ((0, 0, 0), (20, 0, 0), (0, 0, 0)),
        ((0, 9, 0), (9, 0, 0), (0, 0, 20)),  # few frames
        ((7, 13, 0), (13, 7, 0), (0, 0, 20)),  # confused, and not exchanged
        ((6, 8, 6), (9, 5, 6), (4, 9, 7)),  # guessed
    ],
)
def test_what_is_not_plain_is_not_told(rows: tuple[tuple[int, ...], ...]) -> None:
    assert orders.find(table(*rows), ("a", "b", "c"), 3, words=True) is None


def test_frames_without_a_decision_are_no_class() -> None:
    rows = ((0, 20, 0), (20, 0, 0), (0, 0, 20))
    found = orders.find(table(*rows, undecided=6), ("a", "b", "c"), 3, words=True)
    assert found is not None and found.accuracy == 60 / 78
    assert orders.find(table(*rows, undecided=10), ("a", "b", "c"), 3, words=True) is None


def test_a_class_that_is_not_in_the_recording_takes_the_place_that_is_left() -> None:
    """Words are numbered as they are found, so that one that is missing moves all that follow."""
    found = orders.find(
        table((20, 0, 0, 0), (0, 0, 20, 0), (0, 0, 0, 20), (0, 0, 0, 0)), ("a", "c", "d", "3"), 3, words=True
    )
    assert found is not None and found.classes == ("a", "1", "c", "d") and found.given == 1 / 3
    assert 'instead of 0.3333 ("1" has no frame: its name is not known)' in orders.sentence(found)
    named = orders.find(table((0, 0, 20), (0, 20, 0), (0, 0, 0)), ("rest", "walk", "fall"), 3, words=True)
    assert named is not None and named.classes == ("fall", "walk", "rest")
    two = table((0, 0, 20, 0), (0, 0, 0, 20), (0, 0, 0, 0), (0, 0, 0, 0))
    assert orders.find(two, NAMES, 4, words=True) is None


def test_what_lies_outside_of_intervals_has_no_name_that_could_be_written() -> None:
    assert orders.find(table((0, 20), (20, 0)), ("", "fall"), 2, words=True) is None


def test_markdown_and_the_page_tell_it() -> None:
    found = orders.find(table((0, 20), (20, 0)), ("a*", "<b>"), 2, words=True)
    right = replays.judged(replays.replayed())
    seen = Detection(40, 0, (), ("a*", "<b>", detection.NONE), (), None, None, None, NOTHING, order=found)
    report = replace(right, detection=seen)
    assert right.misordered == "" and "another order" not in markdown.render(right)
    assert text.markdown(report.misordered) in markdown.render(report)
    assert text.html(report.misordered) in page.render(report, ())


@pytest.mark.parametrize(
    ("auc", "labels", "first", "words", "said"),
    [
        (0.02, (10, 10), "bad", True, 'of "bad", which count as normal, and low in others'),
        (
            0.02,
            (10, 10),
            "bad",
            True,
            "the AUC is 0.9800 instead of 0.0200; normal is the first of `classes`",
        ),
        (0.25, (30, 10), None, False, "of label 0, which count as normal"),
        (0.25, (30, 10), None, False, "0.7500 instead of 0.2500; normal is label 0"),
        (0.26, (30, 10), None, False, ""),
        (0.0, (30, 9), None, False, ""),
        (0.0, (9, 30), "bad", True, ""),
    ],
)
def test_scores_may_be_high_where_it_is_normal(
    auc: float, labels: tuple[int, int], first: str | None, words: bool, said: str
) -> None:
    found = orders.inverted(auc, np.repeat([0, 1], labels), first, words)
    assert said in found and bool(found) == bool(said)


def test_a_report_of_an_auc_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    right = replays.judged(replays.replayed(labels=(1, 1, 1, 0)))
    assert right.accuracy.device == 0.0 and right.misordered == ""
    monkeypatch.setattr(orders, "_FRAMES", 1)
    assert "scores are high in frames of label 0" in right.misordered
