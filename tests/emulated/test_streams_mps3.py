# SPDX-License-Identifier: Apache-2.0
"""States and several models in an image, on an emulated Cortex-M55: what is shown is in tests/streams.py."""

from __future__ import annotations

from pathlib import Path

from tests import streams
from tests.conftest import lacking
from tinyedge import board as boards
from tinyedge.toolchain import compilers

BOARD = "mps3-an547"


def need() -> None:
    missing = compilers.missing(boards.load(BOARD))
    if missing:
        lacking(missing)


def test_a_window_over_a_stream_is_right_in_every_frame_and_layer(tmp_path: Path) -> None:
    need()
    streams.check(BOARD, tmp_path)


def test_two_models_answer_over_one_line(tmp_path: Path) -> None:
    need()
    streams.check_both(BOARD, tmp_path)
