# SPDX-License-Identifier: Apache-2.0
"""What TFLM has and LiteRT's reference kernels do not: our C equals TFLM, frame after frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import single_op, zoo
from tests.conftest import needed
from tinyedge import board as boards
from tinyedge import model as models
from tinyedge import pipeline
from tinyedge.errors import Unsupported
from tinyedge.graph import Quantization, Tensor
from tinyedge.ops import operators
from tinyedge.options import Options


def narrow_svdf(scale: float) -> bytes:
    """An SVDF whose state has 8 bits at `scale`; where that is small, new states do not fit."""
    found = next(case for case in operators()["SVDF"].cases() if case.name == "svdf_1")
    source, features, time, bias, state = found.inputs
    assert features is not None and time is not None and bias is not None and state is not None
    assert time.data is not None and source is not None and bias.data is not None
    features = replace(features, quantization=Quantization((float(np.float32(0.02)),), (0,)))
    weights = (time.data >> 7).clip(-128, 127).astype(np.int8)
    time = replace(time, dtype="int8", data=weights, quantization=Quantization((2.0**-7,), (0,)))
    state = replace(state, dtype="int8", quantization=Quantization((scale,), (5,)))
    bias = Tensor("bias", bias.shape, "int32", Quantization((scale / 128,), (0,)), bias.data // 512)
    output = replace(found.output, quantization=Quantization((float(np.float32(0.3)),), (-20,)))
    return single_op.single(replace(found, inputs=(source, features, time, bias, state), output=output))


@pytest.mark.parametrize("scale", [1.0, 0.125])
def test_an_svdf_with_a_state_of_8_bits_is_tflms(scale: float, tmp_path: Path) -> None:
    needed("tflite_micro", "pip install tflite-micro")
    file = tmp_path / "narrow.tflite"
    file.write_bytes(narrow_svdf(scale))
    report = zoo.replay(file, "host", tmp_path / "out", 40, Options(rounding="tflm"))
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (40, 0)
    assert "Micro" in report.bit_exact.judged_by and report.bit_exact.unjudged == ""
    with pytest.raises(Unsupported, match="its state has 8 bits"):
        pipeline.plan(models.load(file), boards.load("host"), Options())
