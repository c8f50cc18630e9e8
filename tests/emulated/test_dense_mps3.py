# SPDX-License-Identifier: Apache-2.0
"""Dense layers and sums of random shapes and scales on an emulated Cortex-M55: LiteRT's bits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import single_op, zoo
from tests.emulated import test_helium as helium
from tinyedge import board as boards
from tinyedge import ops, passes
from tinyedge import plan as planner
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.ops import Case, case, elementwise
from tinyedge.options import Optimize, Options

BOARD = "mps3-an547"
FRAMES = 5


def dense(rng: np.random.Generator, name: str) -> Case:
    """Any shape, any scale ratio from far below one step of the output to beyond its whole range."""
    batches, depth = int(rng.integers(1, 4)), int(rng.integers(1, 80))
    channels = int(rng.integers(1, 14))
    zero_points = [int(z) for z in rng.choice((-128, 127, 0, int(rng.integers(-127, 127))), 2)]
    count = channels if rng.integers(2) else 1
    scales = tuple(float(np.float32(s)) for s in np.exp(rng.uniform(-9, -3, count)))
    data = rng.integers(-128, 128, (channels, depth), np.int8)
    if rng.integers(4) == 0:
        data = rng.choice(np.array([-128, 127], np.int8), (channels, depth))
    weights = Tensor("weights", data.shape, "int8", Quantization(scales, (0,) * count, 0), data)
    source = case.activation(
        rng, "input", (batches, depth), "int8", float(rng.uniform(0.01, 0.2)), zero_points[0]
    )
    target = case.activation(
        rng, "output", (batches, channels), "int8", float(np.exp(rng.uniform(-6, 1))), zero_points[1]
    )
    options = {
        "fusedActivationFunction": int(rng.integers(4)),
        "keepNumDims": False,
        "quantizedBiasType": 0,
    }
    # LiteRT wants a bias at the scale of the products.
    products = Quantization(tuple(source.scale * s for s in scales), (0,) * count, 0)
    bias = replace(case.bias(rng, channels), quantization=products) if rng.integers(3) else None
    return Case(name, "FULLY_CONNECTED", (source, weights, bias), target, options)


def total(rng: np.random.Generator, name: str) -> Case:
    """Two operands of one shape, or one of them repeated."""
    kind = ("ADD", "SUB")[int(rng.integers(2))]
    shape = (int(rng.integers(1, 4)), int(rng.integers(1, 40)))
    other = (shape, (1, shape[1]), (shape[0], 1))[int(rng.integers(3))]
    a, b = (
        case.activation(rng, which, of, "int8", float(np.exp(rng.uniform(-5, -1))))
        for which, of in (("a", shape), ("b", other))
    )
    scale = max(a.scale, b.scale) * float(rng.uniform(0.8, 3))
    target = case.activation(rng, "output", shape, "int8", scale)
    return Case(name, kind, (a, b), target, elementwise.options(kind, int(rng.integers(4))))


@pytest.mark.usefixtures("side_by_side")
@pytest.mark.parametrize(("optimize", "compiler"), helium.BUILDS)
def test_random_layers_equal_litert(optimize: Optimize, compiler: str | None, tmp_path: Path) -> None:
    """All cases side by side in one model of one image."""
    helium.skip_without(compiler)
    rng = np.random.default_rng(7)
    cases = [dense(rng, f"dense{i}") for i in range(36)] + [total(rng, f"sum{i}") for i in range(24)]
    for kind in ("FULLY_CONNECTED", "ADD", "SUB"):
        known = ops.operators()[kind].cases()
        cases += [c for c in known if c.operator == kind and c.output.dtype == "int8"]
    file = tmp_path / "cases.tflite"
    file.write_bytes(single_op.merged(cases))

    graph = passes.optimize(tflite.lower(file.read_bytes(), "cases"))
    layers = planner.plan(graph, boards.load(BOARD), Options("speed")).layers
    used = {layer.kernel for layer in layers}
    assert {kernel for kernel in used if "portable" in kernel} == {"add_s8_portable"}
    assert "fully_connected_s8_wide_helium" in used
    # Both ways to requantise, and of the fitted one the form without shifts and the one with.
    laid = [call.laid for layer in layers for call in layer.calls if layer.op.kind == "fully_connected"]
    ways = {(p["fitted"], p["left"] != 0) for p in laid if p is not None}
    assert ways == {(0, False), (1, False), (1, True)}

    report = zoo.replay(file, BOARD, tmp_path / "out", FRAMES, Options(optimize, compiler=compiler))
    assert (report.bit_exact.frames, report.bit_exact.mismatches) == (FRAMES, 0), report.bit_exact
