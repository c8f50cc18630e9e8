# SPDX-License-Identifier: Apache-2.0
"""int16 functions that LiteRT interpolates: our C gives its bits for every one of the 65,536 numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests import model_runner, single_op
from tests.model_runner import Job
from tinyedge.graph import Quantization, Tensor
from tinyedge.ops import Case
from tinyedge.oracle import Oracle

SHAPE = (1, 256, 256)
EVERY = np.arange(-(2**15), 2**15, dtype=np.int16).reshape(SHAPE)
LAYERS = (("EXP", 4e-4, 2.0**-7), ("GELU", 2e-4, 2e-4), ("LOG", 1e-3, 3e-4), ("RSQRT", 3e-4, 5e-4))
"""Operators with the scales of input and output."""


def test_functions_equal_litert_everywhere(tmp_path: Path) -> None:
    jobs, expected = [], {}
    for kind, scale, out_scale in LAYERS:
        # LiteRT refuses 1 / sqrt(x) of a negative number.
        values = np.abs(EVERY.astype(np.int32)).clip(0, 32767).astype(np.int16) if kind == "RSQRT" else EVERY
        source, target = (
            Tensor(name, SHAPE, "int16", Quantization((float(np.float32(s)),), (0,)))
            for name, s in (("input", scale), ("output", out_scale))
        )
        model = single_op.single(Case(kind.lower(), kind, (source,), target, {}))
        jobs.append(Job(kind.lower(), model, [{"input": values}]))
        with Oracle(model, kind) as judge:
            expected[kind.lower()] = judge.run({0: values})[0]
    for job, frames in zip(jobs, model_runner.run(jobs, tmp_path), strict=True):
        assert np.array_equal(frames[0][0], expected[job.name]), job.name
