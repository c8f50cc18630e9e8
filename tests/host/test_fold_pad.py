# SPDX-License-Identifier: Apache-2.0
"""A border that became a convolution's padding: the outputs stay LiteRT's, bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests import model_runner, pad_conv
from tests.model_runner import Job
from tinyedge.oracle import Oracle


def test_outputs_stay(tmp_path: Path) -> None:
    sizes = ((0, 0), (1, 2), (3, 0), (0, 0))
    models = {
        "conv": pad_conv.model("CONV_2D", sizes),
        "conv_same": pad_conv.model("CONV_2D", sizes, same=True),
        "conv_value": pad_conv.model("CONV_2D", sizes, value=4),
        "conv_channels": pad_conv.model("CONV_2D", ((0, 0), (1, 2), (3, 0), (2, 1))),
        "depthwise": pad_conv.model("DEPTHWISE_CONV_2D", sizes),
        "depthwise_same": pad_conv.model("DEPTHWISE_CONV_2D", sizes, same=True),
    }
    x = np.random.default_rng(1).integers(-128, 128, (4, 1, 6, 5, 4), np.int8)
    x[0], x[1] = -128, 127
    jobs = [Job(name, model, [{"input": frame} for frame in x]) for name, model in models.items()]
    for job, frames in zip(jobs, model_runner.run(jobs, tmp_path), strict=True):
        with Oracle(job.model, job.name) as judge:
            (expected,) = judge.run_many({"input": x})
        assert np.array_equal(np.stack([outputs[0] for outputs in frames]), expected), job.name
