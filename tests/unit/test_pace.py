# SPDX-License-Identifier: Apache-2.0
"""A replay in real time: each frame when it is due, and what came too late is counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinyedge.bench import pace
from tinyedge.build import Spec
from tinyedge.errors import UsageError
from tinyedge.recording import Recording


def test_frames_are_run_when_they_are_due() -> None:
    now, starts, slept = 100.0, [], []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    held = pace.Pace(0.5, lambda: now, sleep)
    after = held.follow(lambda steps: None)
    for takes in (0.1, 0.1, 0.6, 0.1, 1.7, 0.1, 0.1, 0.1):
        starts.append(now)
        now += takes
        after(1)
    # The third frame takes longer than a period, and the fifth longer than three: two are then too late.
    np.testing.assert_allclose(starts, [100, 100.6, 101.1, 101.7, 102.1, 103.8, 103.9, 104.0])
    assert held.late == 2 and min(slept) > 0


def test_a_recording_without_times_has_no_pace() -> None:
    x = np.zeros((2, 4), np.int8)
    samples = Recording(Path("x.npz"), (Spec("x", (1, 4), "int8", 1.0, 0),), (x,))
    with pytest.raises(UsageError, match="does not say how fast"):
        pace.of(samples)
