# SPDX-License-Identifier: Apache-2.0
"""How long a slow emulator will take is said before it starts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from tinyedge import board as boards
from tinyedge import transport
from tinyedge.bench import trial
from tinyedge.bench.observer import Nobody
from tinyedge.build import Draft


class Listener(Nobody):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, what: str) -> None:
        """As Observer."""
        self.said.append(what)


def test_a_simulator_says_how_slow_it_is_and_others_do_not() -> None:
    assert transport.emulated_rate(boards.load("esp32s3")) == 2e5
    assert transport.emulated_rate(boards.load("mps3-an547")) is None
    assert transport.emulated_rate(boards.load("host")) is None
    assert transport.emulated_rate(boards.load("esp32")) is None


def test_minutes_are_told_before_they_pass_and_seconds_are_not() -> None:
    hears = Listener()

    def foretell(board: str, macs: int, frames: int) -> None:
        trial._foretell(hears, boards.load(board), cast(Draft, SimpleNamespace(macs=macs)), frames)

    foretell("mps3-an547", 5_000_000, 100)
    foretell("esp32s3", 20_000, 10)
    assert not hears.said
    foretell("esp32s3", 5_000_000, 10)
    (said,) = hears.said
    assert "a frame of 5,000,000 MACs takes about 35 s to 88 s, 10 of them 6 min to 15 min" in said
    assert "`--frames`" in said
