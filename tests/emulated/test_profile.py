# SPDX-License-Identifier: Apache-2.0
"""A profile on an emulated board: layers that add up to the run, and the same again."""

from __future__ import annotations

from pathlib import Path

from tests import zoo
from tinyedge.bench.profile import profile
from tinyedge.judge.profile import Profile


def test_the_layers_add_up_to_the_run(tmp_path: Path) -> None:
    first = profile(zoo.OURS / "tiny_cnn.tflite", "mps3-an547", tmp_path, runs=3)
    assert (first.unit, first.emulated, first.runs) == ("instructions", True, 3)
    assert Profile.read(tmp_path) == first
    assert all(step.mean > 0 for step in first.steps)
    # Each layer is begun and ended between two ticks, and by a request of its own.
    most = len(first.steps) * (first.resolution + 20)
    assert abs(first.total - first.whole) < most
    convolutions = sum(step.mean for step in first.steps if "conv" in step.op)
    assert convolutions > first.total / 2  # 71,752 of 71,812 multiplications
    assert sum(step.flash or 0 for step in first.steps) < (first.flash.total or 0)
    # Without a clock of the host's in it: what is deterministic comes out the same, but for where a tick
    # falls.
    again = profile(zoo.OURS / "tiny_cnn.tflite", "mps3-an547", tmp_path, runs=3)
    for one, other in zip(first.steps, again.steps, strict=True):
        assert abs(one.mean - other.mean) <= first.resolution
