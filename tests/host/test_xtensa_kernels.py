# SPDX-License-Identifier: Apache-2.0
"""Kernels for Xtensa cores of operators without weights, on this machine: LiteRT's bits."""

from __future__ import annotations

from pathlib import Path

from tests import model_runner, single_op
from tests.host.test_dsp_kernels import softmax
from tests.host.test_scalar_kernels import wrong
from tests.model_runner import Job


def test_softmax_equals_litert(tmp_path: Path) -> None:
    cases = list(softmax())
    jobs = [Job(one.name, single_op.single(one), ()) for one in cases]
    chosen = {layer.kernel for job in jobs for layer in model_runner._plan(job, ("xtensa",)).layers}
    assert {"softmax_s8_xtensa", "softmax_s8_s16_xtensa"} <= chosen
    assert not wrong("SOFTMAX", cases, "xtensa", tmp_path)
