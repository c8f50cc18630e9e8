# SPDX-License-Identifier: Apache-2.0
"""Kernels for Arm's DSP instructions that are C but for one of them, on this machine: LiteRT's bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests import model_runner, single_op
from tests.host import test_scalar_kernels as scalar
from tests.model_runner import Job
from tinyedge.ops import Case, depthwise_conv_2d


def depthwise() -> Iterator[Case]:
    """Without those that are convolutions, whose kernels are instructions."""
    every = [case for case in scalar.own_cases("DEPTHWISE_CONV_2D", "int16") if "int32" not in case.name]
    for i, window in enumerate(scalar.windows(np.random.default_rng(i)) for i in range(scalar.RANDOM)):
        every.append(depthwise_conv_2d._case(f"random_{i}", np.random.default_rng(i), "int16", window, 1))
    for case in every:
        source, weights, *_ = case.inputs
        assert source is not None and weights is not None
        if source.shape[3] > 1 or weights.shape[3] == 1:
            yield case
    for value in (-128, -127, 127):
        yield scalar.extreme(every[0], value, "extreme")


MAKE: dict[str, tuple[Callable[[], Iterator[Case]], tuple[str, ...]]] = {
    # operator: cases and the kernels that they have
    "DEPTHWISE_CONV_2D": (depthwise, ("depthwise_conv_2d_s16",)),
}


@pytest.mark.parametrize("kind", MAKE)
def test_dsp_kernels_equal_litert(kind: str, tmp_path: Path) -> None:
    make, kernels = MAKE[kind]
    cases = list(make())
    jobs = [Job(case.name, single_op.single(case), ()) for case in cases]
    chosen = [layer.kernel for job in jobs for layer in model_runner._plan(job, ("dsp",)).layers]
    assert {f"{kernel}_dsp" for kernel in kernels} <= set(chosen)
    assert sum(kernel.endswith("_dsp") for kernel in chosen) > len(cases) / 2
    assert not scalar.wrong(kind, cases, "dsp", tmp_path)
