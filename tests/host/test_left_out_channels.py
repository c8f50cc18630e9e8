# SPDX-License-Identifier: Apache-2.0
"""Without channels that make no difference, every tensor is what LiteRT makes of the whole model, to the bit.

LiteRT runs both, the model as it was and the graph that is left, written as a file again.
TINYEDGE_LEFT_OUT=5000 makes these so many; new seeds every day, or from TINYEDGE_FUZZ_SEED on.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import dead_channels, judged
from tinyedge import passes
from tinyedge.graph import Graph, Tensor
from tinyedge.model import tflite
from tinyedge.oracle import Oracle, model_file

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
    x = (
        np.random.default_rng(1)
        .integers(-128, 128, (6, *graph.tensors[graph.inputs[0]].shape))
        .astype(np.int8)
    )
    x[0], x[1] = -128, 127
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
    assert sum(map(bool, gone)) > SAMPLE // 2, "the sample does not try what it is for"


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
