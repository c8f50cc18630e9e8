# SPDX-License-Identifier: Apache-2.0
"""Every operator's cases: our C on this machine, under sanitizers, equals LiteRT's reference kernels bit for bit."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from tests import model_runner, single_op
from tests.conftest import shared_path
from tests.model_runner import Job
from tinyedge import ops
from tinyedge.fixedpoint import LIMITS
from tinyedge.graph import Tensor
from tinyedge.ops import Array
from tinyedge.oracle import Oracle

RANDOM_FRAMES = 3
KINDS = [
    name
    for name, operator in sorted(ops.operators().items())
    if any(c.operator == name for c in operator.cases())
]
SHARED = ("add", "conv", "leaky_relu", "pad", "quantize", "strided_slice", "sub", "transpose_conv")


def frames_of(tensor: Tensor, seed: str) -> list[Array]:
    """Random values, then all the smallest, then all the largest of the type."""
    low, high = LIMITS[tensor.dtype]
    rng = np.random.default_rng(zlib.crc32(f"{seed}/{tensor.name}".encode()))
    random = [
        rng.integers(low, high, tensor.shape, tensor.dtype, endpoint=True) for _ in range(RANDOM_FRAMES)
    ]
    return [*random, np.full(tensor.shape, low, tensor.dtype), np.full(tensor.shape, high, tensor.dtype)]


def compare(
    models: dict[str, bytes], inputs: dict[str, dict[str, list[Array]]], expected: dict[str, Array], out: Path
) -> None:
    jobs = []
    for i, (name, model) in enumerate(models.items()):
        frames = [
            dict(zip(inputs[name], values, strict=True))
            for values in zip(*inputs[name].values(), strict=True)
        ]
        jobs.append(Job(name, model, frames, ("size", "speed")[i % 2]))
    wrong = []
    for job, results in zip(jobs, model_runner.run(jobs, out), strict=True):
        actual = np.stack([frame[0] for frame in results])
        assert actual.shape == expected[job.name].shape and actual.dtype == expected[job.name].dtype
        count = int(np.sum(actual != expected[job.name]))
        if count:
            first = tuple(int(i[0]) for i in np.nonzero(actual != expected[job.name]))
            wrong.append(
                f"{job.name}: {count} of {actual.size}, at {first} {actual[first]} not {expected[job.name][first]}"
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_cases_equal_litert(kind: str, tmp_path: Path) -> None:
    cases = {case.name: case for case in ops.operators()[kind].cases() if case.operator == kind}
    models = {name: single_op.single(case) for name, case in cases.items()}
    inputs = {
        name: {t.name: frames_of(t, name) for t in model_runner.inputs_of(model)}
        for name, model in models.items()
    }
    # All cases in one model for LiteRT: one process instead of one for each.
    batch = {
        f"{name}/{t}": np.stack(values) for name, tensors in inputs.items() for t, values in tensors.items()
    }
    with Oracle(single_op.merged(list(cases.values())), kind) as judge:
        expected = dict(zip(cases, judge.run_many(batch), strict=True))
    compare(models, inputs, expected, tmp_path)


@pytest.mark.parametrize("group", SHARED)
def test_models_of_single_layers_equal_litert(group: str, tmp_path: Path) -> None:
    if group.upper() not in ops.operators() and group not in ("conv",):
        pytest.skip(f"{group.upper()} is not an operator of tinyedge")
    files = sorted(shared_path("models", "ops").glob(f"{group}[0-9]*.tflite"))
    assert files
    models = {file.stem: file.read_bytes() for file in files}
    inputs = {
        name: {t.name: frames_of(t, name) for t in model_runner.inputs_of(model)}
        for name, model in models.items()
    }
    expected = {}
    for name, model in models.items():
        with Oracle(model, name) as judge:
            (expected[name],) = judge.run_many({t: np.stack(values) for t, values in inputs[name].items()})
    compare(models, inputs, expected, tmp_path)
