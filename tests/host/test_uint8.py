# SPDX-License-Identifier: Apache-2.0
"""Models in the uint8 scheme of TensorFlow 1: int8 inside, uint8 at the borders, LiteRT's bits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import judged, model_runner, single_op
from tests.model_runner import Job
from tests.single_op import Node, pack
from tinyedge import ops, passes
from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Quantization, Tensor
from tinyedge.model import tflite
from tinyedge.ops import Case
from tinyedge.oracle import Oracle
from tinyedge.passes import shift_uint8

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
EACH = 1  # case of an operator


class Network:
    """A model of uint8 tensors that grows by operators; the last tensor is what the next one reads."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.rng = np.random.default_rng(5)
        self.tensors = [Tensor("x", shape, "uint8", Quantization((0.0078125,), (128,)))]
        self.nodes: list[Node] = []

    def add(
        self, kind: str, shape: tuple[int, ...], scale: float, zero: int, *more: Tensor, **options: Any
    ) -> None:
        name = f"t{len(self.nodes)}"
        inputs = (self.tensors[-1].name, *(tensor.name for tensor in more))
        known = {tensor.name for tensor in self.tensors}
        self.tensors += [tensor for tensor in more if tensor.name not in known]
        self.tensors.append(Tensor(name, shape, "uint8", Quantization((scale,), (zero,))))
        self.nodes.append(Node(kind, inputs, (name,), options))

    def weigh(
        self, kind: str, shape: tuple[int, ...], weights: tuple[int, ...], zero: int, **options: Any
    ) -> None:
        """A layer with weights about their zero point, a bias and a fused activation."""
        source, number = self.tensors[-1], len(self.nodes)
        fan = max(1, int(np.prod(weights)) // shape[-1])
        spread = self.rng.integers(0, 256, weights).astype(np.uint8)
        step = 0.02 / fan**0.5
        held = Tensor(f"w{number}", weights, "uint8", Quantization((step,), (zero,)), spread)
        product = float(np.float32(source.scale) * np.float32(step))
        bias = self.rng.integers(-2000, 2000, shape[-1]).astype(np.int32)
        added = Tensor(f"b{number}", bias.shape, "int32", Quantization((product,), (0,)), bias)
        self.add(kind, shape, 6 / 255, 0, held, added, fusedActivationFunction=3, **options)

    def bytes(self) -> bytes:
        return pack(self.tensors, self.nodes, ["x"], [self.tensors[-1].name])


def mobilenet() -> bytes:
    """The layers of MobileNet v1 as TensorFlow 1 quantised it, and a residual sum."""
    net = Network((1, 16, 16, 3))
    steps = {"strideH": 2, "strideW": 2}
    unit = {"strideH": 1, "strideW": 1}
    wide = {"dilationHFactor": 1, "dilationWFactor": 1}
    net.weigh("CONV_2D", (1, 8, 8, 8), (8, 3, 3, 3), 151, padding=0, **steps, **wide)
    net.weigh(
        "DEPTHWISE_CONV_2D", (1, 8, 8, 8), (1, 3, 3, 8), 110, padding=0, depthMultiplier=1, **unit, **wide
    )
    net.weigh("CONV_2D", (1, 8, 8, 8), (8, 1, 1, 8), 128, padding=0, **unit, **wide)
    net.add("ADD", (1, 8, 8, 8), 12 / 255, 0, net.tensors[-3 - 1], fusedActivationFunction=0)
    net.weigh(
        "DEPTHWISE_CONV_2D", (1, 4, 4, 8), (1, 3, 3, 8), 128, padding=0, depthMultiplier=1, **steps, **wide
    )
    net.weigh("CONV_2D", (1, 4, 4, 16), (16, 1, 1, 8), 122, padding=0, **unit, **wide)
    pool = {"filterHeight": 4, "filterWidth": 4, "padding": 1, "fusedActivationFunction": 0}
    last = net.tensors[-1]
    net.add("AVERAGE_POOL_2D", (1, 1, 1, 16), last.scale, last.zero_point, **pool, **unit)
    net.weigh("CONV_2D", (1, 1, 1, 10), (10, 1, 1, 16), 74, padding=0, **unit, **wide)
    last = net.tensors[-1]
    shape = Tensor("shape", (2,), "int32", None, np.array([1, 10], np.int32))
    net.add("RESHAPE", (1, 10), last.scale, last.zero_point, shape)
    net.add("SOFTMAX", (1, 10), 1 / 256, 0, beta=1.0)
    return net.bytes()


def is_int8(case: Case) -> bool:
    """Is what it computes with int8?"""
    return [t.dtype for t in case.inputs if t is not None and t.data is None][:1] == ["int8"]


def as_uint8(case: Case) -> Case:
    """The case with all that is int8 128 higher, weights about a zero point of 151."""

    def moved(number: int, tensor: Tensor | None) -> Tensor | None:
        if tensor is None or tensor.dtype != "int8" or tensor.quantization is None:
            return tensor
        weights = number == 1 and case.operator in WEIGHTED
        scale = tensor.quantization.scale[:1]
        zero = 151 if weights else tensor.zero_point + 128
        data = None if tensor.data is None else (tensor.data.astype(np.int16) + 128).astype(np.uint8)
        return replace(tensor, dtype="uint8", data=data, quantization=Quantization(scale, (zero,)))

    inputs = tuple(moved(i, tensor) for i, tensor in enumerate(case.inputs))
    if case.operator in WEIGHTED and inputs[2] is not None:
        assert inputs[0] is not None and inputs[1] is not None
        product = float(np.float32(inputs[0].scale) * np.float32(inputs[1].scale))
        inputs = (*inputs[:2], replace(inputs[2], quantization=Quantization((product,), (0,))))
    outputs = [moved(-1, tensor) for tensor in case.outputs]
    assert None not in outputs
    return replace(case, inputs=inputs, output=outputs[0], more=tuple(outputs[1:]))  # type: ignore[arg-type]


def operators() -> bytes:
    """All that are shifted, side by side in one model: its scheme is known by the layers with weights."""
    cases = []
    for kind in (*(kind.upper() for kind in shift_uint8.SAME), "AVERAGE_POOL_2D"):
        found = [c for c in ops.operators()[kind].cases() if c.operator == kind and is_int8(c)]
        assert found, kind
        cases += [as_uint8(each) for each in found[:EACH]]
    return single_op.merged(cases)


def dense(zero: int) -> bytes:
    """A dense layer, the sums of whose channels are those where ways of rounding differ."""
    x = Tensor("x", (1, 3), "uint8", Quantization((float(np.float32(0.0007)),), (128,)))
    y = Tensor("y", (1, 1), "uint8", Quantization((float(np.float32(0.04)),), (3,)))
    scale = float(np.float32(0.031))
    sums, product = np.arange(450_000), float(np.float32(x.scale) * np.float32(scale)) / y.scale
    single = fixedpoint.round_double(sums, x.scale * scale / y.scale)
    twice = fixedpoint.multiply_twice_rounded(sums, *fixedpoint.quantize_multiplier(product))
    differing = np.flatnonzero((single != twice) & (single < 252))
    by_scale = np.flatnonzero((single != fixedpoint.round_double(sums, product)) & (single < 252))
    assert min(differing.size, by_scale.size) > 0
    values = np.concatenate([differing[:100], by_scale[:100]]).astype(np.int32)
    data = np.random.default_rng(1).integers(0, 256, (values.size, 3)).astype(np.uint8)
    weights = Tensor("w", data.shape, "uint8", Quantization((scale,), (zero,)), data)
    added = Quantization((float(np.float32(x.scale) * np.float32(scale)),), (0,))
    bias = Tensor("b", values.shape, "int32", added, values)
    options = {"fusedActivationFunction": 0, "keepNumDims": False}
    y = replace(y, shape=(1, values.size))
    return pack(
        [x, weights, bias, y], [Node("FULLY_CONNECTED", ("x", "w", "b"), ("y",), options)], ["x"], ["y"]
    )


def test_dense_layers_are_rounded_once(tmp_path: Path) -> None:
    models = {f"zero{zero}": dense(zero) for zero in (0, 120, 128)}
    frame = {"x": np.full((1, 3), 128, np.uint8)}  # its own zero point: sums are biases
    for name, model in models.items():
        with Oracle(model, name) as litert:
            (source,), (target,) = litert.inputs, litert.outputs
            wanted = litert.tensors({source.index: frame["x"]}, [target.index])[target.index]
        ((found,),) = model_runner.run([Job(name, model, [frame])], tmp_path / name)[0]
        assert np.array_equal(found, wanted), name


@pytest.mark.timeout(300)
def test_a_mobilenet_and_every_operator_that_is_shifted_equal_litert(tmp_path: Path) -> None:
    models = {"mobilenet": mobilenet(), "operators": operators()}
    verdicts = judged.judge(models, tmp_path)
    assert not verdicts.wrong and not verdicts.refused
    assert set(verdicts.equal) == set(models)


def test_a_mobilenet_is_uint8_at_its_borders_alone() -> None:
    graph = passes.optimize(tflite.lower(mobilenet(), "mobilenet"))
    inner = {
        t.dtype
        for n, t in graph.tensors.items()
        if t.data is None and n not in (*graph.inputs, *graph.outputs)
    }
    assert graph.tensors[graph.inputs[0]].dtype == graph.tensors[graph.outputs[0]].dtype == "uint8"
    # An average of 16 numbers may lie between two, where uint8 rounds up and int8 away from 0.
    assert inner == {"int8", "uint8"}
    assert [op.kind for op in graph.ops].count("quantize") == 4
