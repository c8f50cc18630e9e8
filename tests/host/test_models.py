# SPDX-License-Identifier: Apache-2.0
"""Every model at hand, as a process of this machine: no byte differs from LiteRT's reference kernels."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import zoo
from tests.conftest import shared_path
from tinyedge.options import Optimize, Options

FRAMES = 50


@pytest.mark.parametrize("optimize", ["speed", "size"])
@pytest.mark.parametrize("file", zoo.files(zoo.OURS), ids=lambda f: f.stem)
def test_our_models(file: Path, optimize: Optimize, tmp_path: Path) -> None:
    report = zoo.replay(file, "host", tmp_path, FRAMES, Options(optimize))
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0)


@pytest.mark.parametrize("name", zoo.MLPERF)
def test_mlperf_tiny(name: str, tmp_path: Path) -> None:
    report = zoo.replay(shared_path("models", "mlperf", f"{name}.tflite"), "host", tmp_path, FRAMES)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0)


@pytest.mark.parametrize("part", range(4))
def test_operator_models_of_others(part: int, tmp_path: Path) -> None:
    """TFLM's operator models: every fourth, since neighbours differ in shape only (all were run by hand)."""
    every = [file for file in zoo.files(shared_path("models", "ops")) if "transpose_conv" not in file.stem]
    assert len(every) == 63
    for file in every[::4][part::4]:
        report = zoo.replay(file, "host", tmp_path / file.stem, 4)
        assert report.bit_exact.mismatches == 0, file.stem


@pytest.mark.parametrize("name", ["open_batch_flatten_int8", "open_batch_upsampling_int8"])
def test_what_people_have(name: str, tmp_path: Path) -> None:
    file = shared_path("cases", "models", f"{name}.tflite")
    report = zoo.replay(file, "host", tmp_path, FRAMES)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0)
