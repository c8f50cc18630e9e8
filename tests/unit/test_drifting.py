# SPDX-License-Identifier: Apache-2.0
"""The counters of a device are compared with what was learnt: the population stability index, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests import builds
from tinyedge.build import Counters, Decision, Slot
from tinyedge.graph import Array
from tinyedge.judge import drifting

SLOT = Slot("c", None, (1, 4), "int32", (), (), 8, 16)


def told(counts: list[int], expected: tuple[float, ...] = (0.25, 0.25, 0.25, 0.25)) -> drifting.Drift:
    counters = (Counters("c", "score", expected),)
    build = builds.make(outputs=(SLOT,), decision=Decision(None, None, None, None, counters))

    def read(slot: Slot) -> Array:
        assert slot is SLOT
        return np.array([counts], np.int32)

    (found,) = drifting.of(build, read)
    return found


@pytest.mark.parametrize(
    ("counts", "index", "meaning"),
    [
        ([100, 100, 100, 100], 0.0, "no change"),
        ([140, 100, 90, 70], None, "no change"),
        ([190, 90, 60, 60], None, "a little"),
        ([300, 50, 40, 10], None, "changed"),
        ([400, 0, 0, 0], None, "changed"),
    ],
)
def test_the_index_is_its_formula(counts: list[int], index: float | None, meaning: str) -> None:
    shares = [max(count, 0.5) / 400 for count in counts]
    wanted = sum((share - 0.25) * math.log(share / 0.25) for share in shares) if index is None else index
    found = told(counts)
    assert found.index == pytest.approx(wanted) and meaning in found.words and "400 values" in found.words


def test_what_lies_below_a_bound_is_told_as_a_share() -> None:
    counters = (Counters("c", "confidence", (0.05, 0.95), 0.6),)
    build = builds.make(outputs=(SLOT,), decision=Decision(None, None, None, None, counters))
    (found,) = drifting.of(build, lambda slot: np.array([[30, 70]], np.int32))
    assert found.words.endswith("(changed; of 100 values), 30.0% not above 0.6 (learnt 5.0%)")


def test_what_has_not_run_says_so() -> None:
    assert told([0, 0, 0, 0]).index is None and told([0, 0, 0, 0]).words == "nothing counted yet"
    assert drifting.of(builds.make(), lambda slot: np.zeros(1)) == ()


def test_a_bin_that_was_empty_is_no_infinite_change() -> None:
    found = told([100, 100, 100, 100], (0.0, 0.3, 0.3, 0.4)).index
    assert found is not None and 0.25 < found < 2
