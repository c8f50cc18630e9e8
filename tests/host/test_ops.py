# SPDX-License-Identifier: Apache-2.0
"""Every operator's cases: our C on this machine, under sanitizers, gives the bits of LiteRT's kernels."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests import model_runner, single_op
from tests.conftest import shared_path
from tests.model_runner import Job
from tinyedge import ops
from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.graph import Array, Tensor
from tinyedge.oracle import Oracle

RANDOM_FRAMES = 3
KINDS = [
    name for name, found in sorted(ops.operators().items()) if any(c.operator == name for c in found.cases())
]
SHARED = {
    "add": "ADD",
    "conv": "CONV_2D",
    "leaky_relu": "LEAKY_RELU",
    "pad": "PAD",
    "quantize": "QUANTIZE",
    "strided_slice": "STRIDED_SLICE",
    "sub": "SUB",
    "transpose_conv": "TRANSPOSE_CONV",
}
"""Models of one layer in ../shared/models/ops: start of the file name and operator."""

Inputs = Mapping[str, list[Array]]
"""Frames of every input, by name in the model's order."""


@pytest.mark.parametrize("kind", KINDS)
def test_cases_equal_litert(kind: str, tmp_path: Path) -> None:
    cases = {case.name: case for case in ops.operators()[kind].cases() if case.operator == kind}
    models = {name: single_op.single(case) for name, case in cases.items()}
    inputs = {name: inputs_of(name, model, cases[name].ranges) for name, model in models.items()}
    # All cases in one model for LiteRT: one process instead of one for each.
    batch: dict[int | str, Array] = {}
    for name, values in inputs.items():
        batch |= {f"{name}/{tensor}": np.stack(frames) for tensor, frames in values.items()}
    with Oracle(single_op.merged(list(cases.values())), kind) as judge:
        outputs = iter(judge.run_many(batch))
        expected = {name: [next(outputs) for _ in case.outputs] for name, case in cases.items()}
        assert next(outputs, None) is None
    compare(models, inputs, expected, tmp_path)


@pytest.mark.parametrize("group", SHARED)
def test_models_of_one_layer_equal_litert(group: str, tmp_path: Path) -> None:
    files = sorted(shared_path("models", "ops").glob(f"{group}[0-9]*.tflite"))
    models = {f.stem: f.read_bytes() for f in files}
    if SHARED[group] == "TRANSPOSE_CONV":
        models = {name: with_constant_shape(model) for name, model in models.items()}
    assert models
    inputs = {name: inputs_of(name, model) for name, model in models.items()}
    expected = {}
    for name, model in models.items():
        with Oracle(model, name) as judge:
            ports = zip(judge.inputs, inputs[name].values(), strict=True)
            expected[name] = judge.run_many({port.index: np.stack(frames) for port, frames in ports})
    compare(models, inputs, expected, tmp_path)


def with_constant_shape(model: bytes) -> bytes:
    """A TRANSPOSE_CONV whose output shape, an input in these models, is what the output's shape says."""
    root = schema.ModelT.InitFromPackedBuf(model, 0)
    (graph,) = root.subgraphs
    (operator,) = graph.operators
    wanted = operator.inputs[0]
    data = np.array(graph.tensors[operator.outputs[0]].shape, np.int32)
    graph.tensors[wanted].buffer = len(root.buffers)
    root.buffers.append(schema.BufferT(data=data.view(np.uint8)))
    graph.inputs = [tensor for tensor in graph.inputs if tensor != wanted]
    return single_op.finished(root)


def inputs_of(name: str, model: bytes, ranges: Mapping[str, tuple[int, int]] | None = None) -> Inputs:
    return {
        tensor.name: frames_of(tensor, name, (ranges or {}).get(tensor.name))
        for tensor in model_runner.inputs_of(model)
    }


def frames_of(tensor: Tensor, seed: str, limits: tuple[int, int] | None = None) -> list[Array]:
    """Random values, then all the smallest, then all the largest of the type, or of `limits`."""
    low, high = limits or ((0, 1) if tensor.dtype == "bool" else LIMITS[tensor.dtype])
    rng = np.random.default_rng(zlib.crc32(f"{seed}/{tensor.name}".encode()))
    random = [
        rng.integers(low, high, tensor.shape, np.int64, endpoint=True).astype(tensor.dtype)
        for _ in range(RANDOM_FRAMES)
    ]
    return [*random, np.full(tensor.shape, low, tensor.dtype), np.full(tensor.shape, high, tensor.dtype)]


def compare(
    models: Mapping[str, bytes],
    inputs: Mapping[str, Inputs],
    expected: Mapping[str, list[Array]],
    folder: Path,
) -> None:
    """Run all models, alternately optimised for size and speed; fails with every one that differs."""
    jobs = []
    for i, (name, model) in enumerate(models.items()):
        frames = [
            dict(zip(inputs[name], values, strict=True))
            for values in zip(*inputs[name].values(), strict=True)
        ]
        # Not in step with types, which often take turns.
        jobs.append(Job(name, model, frames, ("size", "speed")[(i + i // 2) % 2]))
    wrong = []
    for job, results in zip(jobs, model_runner.run(jobs, folder), strict=True):
        for number, wanted in enumerate(expected[job.name]):
            actual = np.stack([frame[number] for frame in results])
            assert actual.shape == wanted.shape and actual.dtype == wanted.dtype
            if np.any(actual != wanted):
                first = tuple(int(i[0]) for i in np.nonzero(actual != wanted))
                count = np.count_nonzero(actual != wanted)
                what = f"{actual[first]} not {wanted[first]}"
                wrong.append(f"{job.name}, output {number}: {count} of {actual.size}, at {first} {what}")
    assert not wrong, "\n".join(wrong)
