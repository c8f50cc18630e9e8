# SPDX-License-Identifier: Apache-2.0
"""A board whose emulator lacks instructions: what is built for which of them, and who is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from tinyedge import board as boards
from tinyedge import pipeline
from tinyedge.bench import attach
from tinyedge.bench.observer import Nobody
from tinyedge.build import Build
from tinyedge.errors import UsageError


class Listener(Nobody):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        """As Observer."""
        self.warnings.append(text)


def test_the_emulator_is_built_for_without_what_it_lacks() -> None:
    board, hears = boards.load("esp32s3"), Listener()
    assert board.isa == ("pie", "xtensa", "scalar")
    assert attach.for_port(hears, board, "/dev/ttyUSB0") is board
    assert not hears.warnings
    emulated = attach.for_port(hears, board, None)
    assert emulated.isa == ("xtensa", "scalar")
    assert len(hears.warnings) == 1
    assert "esp32s3 does not have the instructions of kernels/pie" in hears.warnings[0]
    assert attach.for_port(hears, emulated, None) is emulated
    assert attach.for_port(hears, boards.load("esp32c3"), None).isa == boards.load("esp32c3").isa
    assert len(hears.warnings) == 1


def test_a_build_for_the_board_is_not_started_on_the_emulator() -> None:
    build = cast(
        Build,
        SimpleNamespace(
            image=SimpleNamespace(protocol="framed"),
            layers=(SimpleNamespace(kernel="pad_s8_portable + conv_2d_s8_pie"),),
        ),
    )
    with pytest.raises(UsageError, match="does not have the instructions of kernels/pie, which this build"):
        pipeline.connect(".", None, "esp32s3", build)
