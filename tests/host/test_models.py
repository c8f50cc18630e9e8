# SPDX-License-Identifier: Apache-2.0
"""Every model at hand, as a process of this machine: no byte differs from LiteRT's reference kernels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import judged, single_op, zoo
from tests.conftest import shared_path
from tests.single_op import Node
from tinyedge.errors import UsageError
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.options import CHOICES, Optimize, Options

FRAMES = 50


@pytest.mark.parametrize("optimize", CHOICES["optimize"])
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
    every = zoo.files(shared_path("models", "ops"))
    assert len(every) == 66
    for file in every[::4][part::4]:
        report = zoo.replay(file, "host", tmp_path / file.stem, 4)
        assert report.bit_exact.mismatches == 0, file.stem


@pytest.mark.parametrize("name", ["open_batch_flatten_int8", "open_batch_upsampling_int8"])
def test_what_people_have(name: str, tmp_path: Path) -> None:
    file = shared_path("cases", "models", f"{name}.tflite")
    report = zoo.replay(file, "host", tmp_path, FRAMES)
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0)


def scaled_by(constant: list[int], dtype: str, operator: str = "MUL") -> bytes:
    """x times a constant whose scale is 0."""
    x = Tensor("x", (1, 6, 4), dtype, Quantization((0.05,), (0,)))
    y = replace(x, name="y", quantization=Quantization((0.04,), (0,)))
    zero = Tensor("k", (1, 1, 4), dtype, Quantization((0.0,), (0,)), np.array([[constant]], dtype))
    return single_op.pack([x, zero, y], [Node(operator, ("x", "k"), ("y",), {})], ["x"], ["y"])


def test_a_constant_of_zeros_needs_no_scale(tmp_path: Path) -> None:
    models = {f"mul_{dtype}": scaled_by([0, 0, 0, 0], dtype) for dtype in ("int8", "int16")}
    models["prelu"] = scaled_by([0, 0, 0, 0], "int8", "PRELU")
    assert sorted(judged.judge(models, tmp_path).equal) == ["mul_int16", "mul_int8", "prelu"]
    with pytest.raises(UsageError, match="'k' has a scale that is not positive"):
        tflite.lower(scaled_by([0, 1, 0, 0], "int8"), "m")
