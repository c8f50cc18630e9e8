# SPDX-License-Identifier: Apache-2.0
"""A real build as a process of this machine, judged: what is right passes, and one changed bit is found."""

from __future__ import annotations

import pytest

from tests import trials
from tests.trials import Trial
from tinyedge.errors import DeviceError
from tinyedge.project import Budget


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return trials.prepare("host", tmp_path_factory.mktemp("host"))


def test_every_frame_is_bit_exact_and_timed(case: Trial) -> None:
    report = case.run()
    assert report.verdict == "pass"
    assert report.bit_exact.frames == trials.FRAMES and report.latency.count == trials.FRAMES
    assert report.latency.unit == "ns" and 0 < report.latency.min <= report.latency.max
    assert report.memory.stack_high_water is None  # a process cannot tell, and does not pretend


def test_one_bit_of_a_weight_is_found_and_its_layer_named(case: Trial) -> None:
    report = case.run(case.with_another_weight())
    assert (report.verdict, report.exit_code) == ("fail", 1)
    found = report.bit_exact.first_difference
    assert found is not None and (found.layer, found.op) == (0, "conv_2d")
    assert found.name == case.build["layers"][0]["name"]


def test_a_budget_is_held_against_the_real_image(case: Trial) -> None:
    flash = case.build["flash"]["total"]
    assert case.run(budget=Budget(flash=flash)).verdict == "pass"
    assert case.run(budget=Budget(flash=flash - 1)).verdict == "fail"


def test_firmware_of_another_build_is_refused(case: Trial) -> None:
    build = {**case.build, "image": {**case.build["image"], "build_id": "0" * 16}}
    with pytest.raises(DeviceError, match="another build"):
        Trial(case.board, case.model, build, case.out, case.recording).run()
