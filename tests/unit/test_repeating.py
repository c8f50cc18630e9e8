# SPDX-License-Identifier: Apache-2.0
"""The same input again gives the same bytes, or the frames that differ are counted, and no pass is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests import fake_device
from tests.fake_device import FakeDevice, build
from tests.replays import judged, replayed
from tinyedge.build import Spec
from tinyedge.judge import harness, repeating, report
from tinyedge.judge.repeating import Repeats
from tinyedge.project import Budget
from tinyedge.recording import Recording
from tinyedge.recording.metrics import Metric

FRAMES = 6


@pytest.mark.parametrize(
    ("wrong_from", "repeats"),
    [
        (None, Repeats(4, 0, None)),
        (FRAMES + 2, Repeats(4, FRAMES, 0)),  # all of the third replay, and those of the second behind its 2
        (4 * FRAMES - 1, Repeats(4, 1, FRAMES - 1)),  # the very last one
        (0, Repeats(4, 0, None)),  # wrong, but the same each time: LiteRT says so, and not this
    ],
)
def test_frames_that_ever_differ_are_counted_once(wrong_from: int | None, repeats: Repeats) -> None:
    x = np.random.default_rng(3).integers(1, 9, (FRAMES, 4), np.int8) + np.array([0, 0, 9, 0], np.int8)
    recording = Recording(Path("x.npz"), (Spec("x", (1, 4), "int8", 1.0, 0),), (x,))
    device, made = FakeDevice(), build()
    if wrong_from is not None:
        device.wrong_layer, device.from_frame = 1, wrong_from
    stored = tuple(v.reshape(FRAMES, 1, 4) for v in recording.stored())
    first = harness.run(device, made.inputs, made.outputs, stored, lambda steps: None)
    steps: list[int] = []
    assert repeating.repeat(device, made, recording, first.outputs, 4, steps.append) == repeats
    assert sum(steps) == 3 * FRAMES and device.resets == 4


def test_other_bytes_for_the_same_input_are_no_pass() -> None:
    assert judged(replayed()).verdict == "pass"
    for differing, verdict in ((0, "pass"), (1, "fail")):
        found = report.judge(
            replayed(),
            fake_device.build(),
            fake_device.board(),
            Budget(),
            Metric("none"),
            emulated=True,
            repeats=Repeats(3, differing, 2 if differing else None),
        )
        assert found.verdict == verdict and "same_bytes" in found.judgement
        assert ("frames that differ in 3 runs", str(differing)) in found.rows()


def test_a_time_limit_ends_a_replay_with_what_was_replayed() -> None:
    x = np.zeros((FRAMES, 1, 4), np.int8)
    device, made, asked = FakeDevice(), build(), 0

    def enough() -> bool:
        nonlocal asked
        asked += 1
        return asked == 2

    ran = harness.run(device, made.inputs, made.outputs, (x,), lambda steps: None, (), enough)
    assert ran.stopped is None and len(ran.ticks) == len(ran.outputs[0]) == 2
