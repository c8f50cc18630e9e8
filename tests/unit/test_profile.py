# SPDX-License-Identifier: Apache-2.0
"""What becomes of the ticks of layers: means in the board's unit, shares in a picture, what changed."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.profiles import profiled
from tinyedge.bench import profile as measure
from tinyedge.errors import InvalidMeasurement, UsageError
from tinyedge.judge import flame
from tinyedge.judge import profile as profiles


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.widths: dict[str, list[float]] = {"row0": [], "row1": [], "row2": []}
        self.outside: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        if tag == "rect":
            self.widths[str(named["class"])].append(float(str(named["width"])))
        self.outside += [str(named[key]) for key in ("src", "href") if key in named]
        assert tag not in ("script", "conv")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_means_are_in_the_board_s_unit() -> None:
    profile = profiled((10, 20, 10), (30, 20, 10))
    per_tick = profile.resolution
    assert [step.mean for step in profile.steps] == [20 * per_tick, 20 * per_tick, 10 * per_tick]
    assert (profile.steps[0].p50, profile.steps[0].p99) == (10 * per_tick, 30 * per_tick)
    assert [step.jitter for step in profile.steps] == [20 * per_tick, 0, 0]
    assert [step.max for step in profile.steps] == [30 * per_tick, 20 * per_tick, 10 * per_tick]
    assert profile.whole == profile.total == 50 * per_tick
    assert [step.flash for step in profile.steps] == [100, 200, 0]


def test_the_page_shows_shares_and_needs_no_other_file() -> None:
    page = _Page(flame.render(profiled((20, 20, 10))))
    assert not page.outside
    assert page.widths["row0"] == [1000.0]
    assert sorted(page.widths["row2"], reverse=True) == [400.0, 400.0, 200.0]
    assert sum(page.widths["row1"]) == 1000.0
    assert any("<conv>" in words for words in page.words)  # escaped, and read again


def test_layers_without_a_measurable_time_draw_nothing() -> None:
    assert flame.boxes(profiled((0, 0, 0))) == []
    assert _Page(flame.render(profiled((0, 0, 0)))).widths["row0"] == []


def test_what_changed_most_comes_first(tmp_path: Path) -> None:
    before, after = profiled((10, 20, 10)), profiled((11, 50, 10), names=("<conv>", "dense", "new"))
    before.write(tmp_path)
    assert profiles.Profile.read(tmp_path) == before
    moved = profiles.compare(before, after)
    tick = before.resolution
    assert [(one.name, one.change) for one in moved[:1]] == [("dense", 30 * tick)]
    assert {one.name: one.change for one in moved} == {
        "dense": 30 * tick, "new": 10 * tick, "softmax": -10 * tick, "<conv>": tick,
    }  # fmt: skip
    assert all(one.change == 0 for one in profiles.compare(before, before))
    with pytest.raises(UsageError, match="instructions and cycles cannot be compared"):
        profiles.compare(before, replace(after, unit="cycles"))


class _Forgetful:
    """A device whose output depends on how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

    def write(self, offset: int, data: bytes) -> None:
        pass

    def run(self, first: int, last: int) -> int:
        self.runs += 1
        return 7

    def read(self, offset: int, length: int) -> bytes:
        return bytes([self.runs & 255]) * length


def test_a_board_that_computes_something_else_each_time_has_no_profile() -> None:
    device: Any = _Forgetful()
    with pytest.raises(InvalidMeasurement, match="the same input gave other bytes"):
        measure._run(device, profiled(), np.random.default_rng(1))
