# SPDX-License-Identifier: Apache-2.0
"""A real build on an emulated Cortex-M55, judged: what is right passes, and one changed bit is found."""

from __future__ import annotations

import numpy as np
import pytest

from tests import trials
from tests.trials import Trial


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return trials.prepare("mps3-an547", tmp_path_factory.mktemp("mps3"))


def test_bits_instructions_and_stack(case: Trial) -> None:
    first, second = case.run(), case.run()
    assert first.verdict == "pass" and first.bit_exact.frames == trials.FRAMES
    assert (first.latency.unit, first.latency.resolution) == ("instructions", 31.25)
    # Virtual time: two runs count the same, up to the tick in which an inference begins.
    assert np.abs(first.replay.ticks.astype(int) - second.replay.ticks.astype(int)).max() <= 1
    memory = first.memory
    assert memory.stack_high_water is not None and memory.stack_bound is not None
    assert 0 < memory.stack_high_water <= memory.stack_bound


def test_one_bit_of_a_weight_is_found_and_its_layer_named(case: Trial) -> None:
    report = case.run(case.with_another_weight())
    assert report.exit_code == 1
    found = report.bit_exact.first_difference
    assert found is not None and (found.layer, found.op) == (0, "conv_2d")
