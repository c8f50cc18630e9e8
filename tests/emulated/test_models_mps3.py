# SPDX-License-Identifier: Apache-2.0
"""Models on an emulated Cortex-M55: no byte differs from LiteRT's reference kernels; flash as promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import zoo
from tests.conftest import shared_path
from tinyedge.options import Options

BOARD = "mps3-an547"
FRAMES = {"vww_96_int8": 4, "pretrainedResnet_quant": 4}
"""Fewer where an input is long: the emulated UART takes some 20 KB/s. `tinyedge test` was run with 50."""
ELSEWHERE = ("tiny_cnn", "kws_ref_model")
"""What test_boards.py replays on this board."""


@pytest.mark.parametrize(
    "file", [f for f in zoo.files(zoo.OURS) if f.stem not in ELSEWHERE], ids=lambda f: f.stem
)
def test_our_models(file: Path, tmp_path: Path) -> None:
    report = zoo.replay(file, BOARD, tmp_path, 20)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (20, 0)


@pytest.mark.parametrize("name", [name for name in zoo.MLPERF if name not in ELSEWHERE])
def test_mlperf_tiny(name: str, tmp_path: Path) -> None:
    frames = FRAMES.get(name, 50)
    report = zoo.replay(shared_path("models", "mlperf", f"{name}.tflite"), BOARD, tmp_path, frames)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (frames, 0)


def test_a_wake_word_keeps_its_state_over_a_thousand_frames(tmp_path: Path) -> None:
    report = zoo.replay(zoo.wake_word("alexa"), BOARD, tmp_path, 1000)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (1000, 0)


def test_a_small_image_is_small(tmp_path: Path) -> None:
    """Link and harness included; TFLM takes 41,308 bytes for this model's code without a link."""
    file = shared_path("models", "mlperf", "kws_ref_model.tflite")
    report = zoo.replay(file, BOARD, tmp_path, 2, Options("size"))
    assert report.bit_exact.mismatches == 0
    assert report.build.flash.code is not None and report.build.flash.code <= 24 * 1024
    assert report.build.ram.arena <= 16_000
