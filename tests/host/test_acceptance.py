# SPDX-License-Identifier: Apache-2.0
"""Where LiteRT draws a line, ours is the same: a bias' scale, and sums of a softmax."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from tests import model_runner, single_op
from tests.model_runner import Job
from tests.single_op import Node
from tinyedge import passes
from tinyedge.errors import InvalidMeasurement, Unsupported, UsageError
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.ops import fully_connected
from tinyedge.oracle import Oracle

_CASES = {case.name: case for case in fully_connected.operator.cases()}


def _litert_takes(model: bytes) -> bool:
    try:
        with Oracle(model):
            return True
    except UsageError as error:
        assert "scale_diff" in str(error)
        return False


def _tinyedge_takes(model: bytes) -> bool:
    try:
        passes.optimize(tflite.lower(model, "bias"))
    except Unsupported as error:
        assert "its bias has scale" in str(error)
        return False
    return True


@pytest.mark.parametrize("name", ["fully_connected_int8_int32_0", "fully_connected_int8_int32_1"])
def test_a_bias_may_have_the_scales_that_litert_takes(name: str) -> None:
    """One scale for all channels, and one for each, of which LiteRT does not look at the bias'."""
    case = _CASES[name]
    source, weights, bias = case.inputs
    assert source is not None and weights is not None and bias is not None and weights.quantization
    products = [source.scale * scale for scale in weights.quantization.scale]
    step, taken = fully_connected.BIAS_SCALE_OFF * case.output.scale, []
    for off in (0.0, 0.98 * step, 1.02 * step, 100 * step, None):
        scales = () if off is None else tuple(float(np.float32(product + off)) for product in products)
        said = Quantization(scales, (0,) * len(scales), 0) if scales else None
        model = single_op.single(replace(case, inputs=(source, weights, replace(bias, quantization=said))))
        taken.append(_litert_takes(model))
        assert _tinyedge_takes(model) == taken[-1], off
    alike = len(products) == 1
    assert taken == ([True, True, False, False, taken[-1]] if alike else [True] * 5)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("operator", ["LOGISTIC", "TANH"])
@pytest.mark.parametrize(("scale", "out_scale"), [(3.4e38, 0), (1e-45, 0), (1e20, 1e-40), (1e20, 1e-45)])
def test_tables_of_extreme_scales(operator: str, scale: float, out_scale: float, tmp_path: Path) -> None:
    steps, zero = (2.0**-8, -128) if operator == "LOGISTIC" else (float(np.float32(out_scale)) or 2.0**-7, 0)
    source = Tensor("x", (1, 256), "int8", Quantization((float(np.float32(scale)),), (3,)))
    target = Tensor("y", (1, 256), "int8", Quantization((steps,), (zero,)))
    model = single_op.pack([source, target], [Node(operator, ("x",), ("y",), {})], ["x"], ["y"])
    frame = {"x": np.arange(-128, 128, dtype=np.int8).reshape(1, 256)}
    try:
        ((ours,),) = model_runner.run([Job("table", model, [frame], "size")], tmp_path)[0]
    except Unsupported:
        assert 1 / np.float32(steps) == np.inf  # and 0 times that is no number
        return
    with Oracle(model) as litert:
        assert np.array_equal(ours, litert.run({"x": frame["x"]})[0])


def _softmax(depth: int) -> bytes:
    source = Tensor("x", (1, depth), "int8", Quantization((0.1,), (0,)))
    target = Tensor("y", (1, depth), "int8", Quantization((2.0**-8,), (-128,)))
    return single_op.pack([source, target], [Node("SOFTMAX", ("x",), ("y",), {"beta": 1.0})], ["x"], ["y"])


def test_sums_of_a_softmax_beyond_litert_end_in_zeros(tmp_path: Path) -> None:
    depths = (511, 512, 1001, 4095)
    jobs = [Job(f"s{n}", _softmax(n), [{"x": np.zeros((1, n), np.int8)}], "size") for n in depths]
    for depth, job, ((ours,),) in zip(depths, jobs, model_runner.run(jobs, tmp_path), strict=True):
        with Oracle(job.model) as litert:
            if depth < 512:
                assert np.array_equal(ours, litert.run({"x": job.frames[0]["x"]})[0])
                continue
            with pytest.raises(InvalidMeasurement, match="ended by signal 6"):
                litert.run({"x": job.frames[0]["x"]})
        exact = np.rint(special.softmax(np.zeros((1, depth))) * 256) - 128
        assert np.array_equal(ours, exact)
