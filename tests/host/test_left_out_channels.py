# SPDX-License-Identifier: Apache-2.0
"""Without channels that make no difference, every tensor is what LiteRT makes of the whole model, to the bit.

LiteRT runs both, the model as it was and the graph that is left, written as a file again.
TINYEDGE_LEFT_OUT=5000 makes these so many; new seeds every day, or from TINYEDGE_FUZZ_SEED on.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import dead_channels, judged, single_op
from tests.bench import tables
from tests.conftest import shared_path
from tests.single_op import Node
from tinyedge import passes, paths, pipeline
from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Array, Graph, Tensor
from tinyedge.model import tflite
from tinyedge.ops import case
from tinyedge.ops.case import Window
from tinyedge.oracle import Oracle, model_file
from tinyedge.passes import leave_out_channels

SAMPLE = 25
MORE = int(os.environ.get("TINYEDGE_LEFT_OUT", "10"))


def rest(model: bytes) -> Graph:
    return passes.apply("leave_out_channels", passes.read(tflite.lower(model, "m"))[0])


def written(graph: Graph) -> bytes:
    """The graph as a file: RESHAPE has its shape in a constant, which is the file's affair and not ours."""
    tensors, ops = dict(graph.tensors), []
    for op in graph.ops:
        if op.kind == "reshape":
            shape = np.array(op.attrs["shape"], np.int32)
            constant = Tensor(f"{op.name} shape", shape.shape, "int32", None, shape)
            tensors[constant.name] = constant
            op = replace(op, inputs=(op.inputs[0], constant.name))
        ops.append(op)
    return model_file.write(replace(graph, tensors=tensors, ops=tuple(ops)))


def check(model: bytes) -> int:
    """Compare all that is left; gives how many channels are not."""
    graph = rest(model)
    again = written(graph)
    lowered = tflite.lower(again, "again")
    numbers = {name: tensor.index for name, tensor in lowered.tensors.items() if tensor.index is not None}
    computed = [graph.tensors[name] for op in graph.ops for name in op.outputs]
    source = graph.tensors[graph.inputs[0]]
    low, high = LIMITS[source.dtype]
    x = np.random.default_rng(1).integers(low, high, (6, *source.shape), endpoint=True).astype(source.dtype)
    x[0], x[1] = low, high
    with Oracle(model, "whole") as whole, Oracle(again, "rest") as less:
        wanted = whole.tensors_many(
            {whole.inputs[0].index: x}, [t.index for t in computed if t.index is not None]
        )
        found = less.tensors_many({less.inputs[0].index: x}, [numbers[t.name] for t in computed])
    for tensor in computed:
        assert tensor.index is not None
        every = wanted[tensor.index]
        right = every if tensor.part is None else every[..., list(tensor.part.channels)]
        assert np.array_equal(found[numbers[tensor.name]], right), tensor.name
    return sum(t.part.of - len(t.part.channels) for t in computed if t.part)


def test_a_sample_equals_litert() -> None:
    gone = [check(dead_channels.model(seed)) for seed in range(SAMPLE)]
    assert sum(map(bool, gone)) > SAMPLE // 3, "the sample does not try what it is for"


@pytest.mark.timeout(0)
def test_new_ones_equal_litert() -> None:
    start = judged.first_seed(MORE)
    print(f"TINYEDGE_FUZZ_SEED={start}")
    for seed in range(start, start + MORE):
        check(dead_channels.model(seed))


def test_compiled_ones_equal_litert(tmp_path: Path) -> None:
    models = {f"dead{seed}": dead_channels.model(seed) for seed in range(8)}
    verdicts = judged.judge(models, tmp_path, "speed")
    assert set(verdicts.equal) == set(models), verdicts


def clamped(dtype: str, shared: bool, dense: bool) -> bytes:
    """x of 8 channels -> m of 12, eight of which have one value -> twice 6 of them.

    Their biases are far below zero, in front of a RELU whose zero point is the least value; and so they are
    what lies outside of an image. The two layers behind may share their weights; dense ones have no bias.
    """
    rng = np.random.default_rng(3)
    scale, wide = case.scale(dtype, 0.05), {"int8": "int32", "int16": "int64"}[dtype]
    image = () if dense else (3, 4)
    kernel = () if dense else (2, 2)
    x = case.activation(rng, "x", (1, *image, 8), dtype, scale)
    m = case.activation(rng, "m", (1, *image, 12), dtype, scale, -128 if dtype == "int8" else 0)
    first = case.bias(rng, 12, wide, "b0")
    assert first.data is not None
    first.data[2:10] = -(2**28)
    ones = (1,) * len(kernel)
    tensors = [x, case.weights(rng, (12, *ones, 8), 0, "w0"), first, m, case.bias(rng, 6, wide, "b1")]
    options = [{"fusedActivationFunction": fused, "keepNumDims": False} for fused in (1, 0)]
    if not dense:
        options = [Window((1, 3, 4, 8), ones, activation=1).convolution_options]  # type: ignore[arg-type]
        options.append(Window((1, 3, 4, 12), kernel).convolution_options)  # type: ignore[arg-type]
    kind = "FULLY_CONNECTED" if dense else "CONV_2D"
    nodes = [Node(kind, ("x", "w0", "b0"), ("m",), options[0])]
    for i, weights in enumerate(("w1", "w1" if shared else "w2")):
        if weights not in (tensor.name for tensor in tensors):
            tensors.append(case.weights(rng, (6, *kernel, 12), 0, weights))
        tensors.append(case.activation(rng, f"y{i}", (1, *image, 6), dtype, scale))
        nodes.append(Node(kind, ("m", weights, *([] if dense else ["b1"])), (f"y{i}",), options[1]))
    return single_op.pack(tensors, nodes, ["x"], ["y0", "y1"])


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("dtype", ["int8", "int16"])
def test_what_an_activation_clamps_goes_into_the_bias(dtype: str, shared: bool, dense: bool) -> None:
    model = clamped(dtype, shared, dense)
    assert check(model) == 8
    graph = rest(model)
    assert graph.tensors["m"].shape[-1] == 4
    assert [graph.input(op, 1).shape[-1] for op in graph.ops] == [8, 4, 4]


@pytest.mark.parametrize("name", ["y0_bias", "b1"])
def test_a_new_bias_takes_no_name_of_the_model(name: str) -> None:
    """Two dense layers behind channels of one value: the first has no bias, the second one of that name."""
    rng = np.random.default_rng(4)
    x, m = (case.activation(rng, which, (1, 8), "int8", 0.05, -128) for which in "xm")
    first = case.bias(rng, 8, name="b0")
    assert first.data is not None
    first.data[1:7] = 2**28
    tensors, nodes = [x, m, case.weights(rng, (8, 8), 0, "w0"), first], []
    tensors += [case.weights(rng, (5, 8), 0, which) for which in ("w1", "w2")]
    tensors += [case.activation(rng, which, (1, 5), "int8", 5.0) for which in ("y0", "y1")]
    tensors.append(case.bias(rng, 5, name=name))
    options = {"fusedActivationFunction": 0, "keepNumDims": False}
    for inputs, output in ((("x", "w0", "b0"), "m"), (("m", "w1"), "y0"), (("m", "w2", name), "y1")):
        nodes.append(Node("FULLY_CONNECTED", inputs, (output,), options))
    model = single_op.pack(tensors, nodes, ["x"], ["y0", "y1"])
    assert check(model) == 4


def in_turn(channels: int) -> bytes:
    """Each output of c needs the next input; a ties what c makes to what it takes; y needs the first."""
    rng = np.random.default_rng(5)
    options = {"fusedActivationFunction": 0, "keepNumDims": False}
    row = (1, channels)
    x, h, c, a = (case.activation(rng, which, row, "int8", 0.05) for which in "xhca")
    every = case.weights(rng, (channels, channels), 0, "every")
    turned = replace(every, name="turned", data=np.roll(127 * np.eye(channels, dtype=np.int8), 1, axis=1))
    first = replace(case.weights(rng, row, None, "first"), data=127 * np.eye(1, channels, dtype=np.int8))
    tensors = [x, h, c, a, every, turned, first, case.activation(rng, "y", (1, 1), "int8", 0.05)]
    nodes = [
        Node("FULLY_CONNECTED", ("x", "every"), ("h",), options),
        Node("FULLY_CONNECTED", ("h", "turned"), ("c",), options),
        Node("ADD", ("h", "c"), ("a",), {"fusedActivationFunction": 0, "potScaleInt16": False}),
        Node("FULLY_CONNECTED", ("a", "first"), ("y",), options),
    ]
    return single_op.pack(tensors, nodes, ["x"], ["y"])


def test_what_an_output_needs_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[int] = []
    original = fixedpoint.reach

    def counted(weights: Array, *rest: Any) -> fixedpoint.Ints:
        rows.append(len(weights))
        return original(weights, *rest)

    monkeypatch.setattr(fixedpoint, "reach", counted)
    graph = rest(in_turn(100))
    assert graph.tensors["h"].shape == (1, 100)
    assert sum(rows) <= 3 * (100 + 100 + 1)


def test_a_model_without_an_end_of_asking_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    model = clamped("int8", shared=False, dense=False)
    monkeypatch.setattr(leave_out_channels, "ASKED", 0)
    monkeypatch.setattr(leave_out_channels, "AT_LEAST", 1)
    assert rest(model).tensors["m"].shape[-1] == 12


def test_the_readme_and_the_tables_say_what_is_left_out_of_vww() -> None:
    model = pipeline.load(shared_path("models", "mlperf", "vww_96_int8.tflite"))
    assert pipeline.check(model).left_out.startswith("1,696 of 2,738 channels ")
    readme = " ".join((paths.root() / "README.md").read_text(encoding="utf-8").split())
    assert "1,696 of the 2,738 channels of visual wake words" in readme
    assert "Of the 2,738 channels of vww 1,696 make no\ndifference" in tables.HEAD
