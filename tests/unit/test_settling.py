# SPDX-License-Identifier: Apache-2.0
"""Runs before a recursive filter has settled are none that anything is decided or judged in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import signal

from tests.block_programs import RATE, appended, stream
from tinyedge.blocks import behind
from tinyedge.blocks import filter as filters

ROWS = 4


@pytest.mark.parametrize(
    "keys",
    [
        {"type": "lowpass", "cutoff_hz": 5.0},
        {"type": "lowpass", "cutoff_hz": 0.2, "order": 4},
        {"type": "highpass", "cutoff_hz": 0.3},
        {"type": "bandpass", "cutoff_hz": [2.0, 8.0], "order": 3},
    ],
    ids=lambda keys: f"{keys['type']}{keys.get('order', 2)}",
)
def test_a_filter_has_settled_when_the_past_no_longer_counts(keys: dict[str, Any]) -> None:
    """The worst that was before the first row, and that the filter takes for zeros: by scipy's sosfilt."""
    _, wanted, made = appended("filter", keys, stream(ROWS, 2))
    assert isinstance(wanted, filters.Filter)
    runs = behind.warm_up(made.graph)
    sections = np.insert(filters.design(wanted, stream(ROWS, 2)), 3, 1.0, axis=1)
    past = 4000
    response = signal.sosfilt(sections, np.eye(1, 2 * past)[0])
    largest = np.abs(response).sum()

    def left(run: int) -> float:
        """Share of the largest output that the worst past still makes in the first row of a run."""
        at = run * ROWS
        worst = np.sign(response[at + 1 : at + 1 + past])[::-1]
        after = signal.sosfilt(sections, np.concatenate([worst, np.zeros(at + 1)]))[-1]
        return float(after / largest)

    assert left(runs) <= 0.01 < left(runs - 1)
    assert runs * ROWS / RATE < 12  # seconds
