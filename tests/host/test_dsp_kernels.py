# SPDX-License-Identifier: Apache-2.0
"""Kernels for Arm's DSP instructions that are C but for one of them, on this machine: LiteRT's bits."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import model_runner, single_op
from tests.host import test_scalar_kernels as scalar
from tests.model_runner import Job
from tinyedge.graph import Quantization, Tensor
from tinyedge.ops import Case, case, depthwise_conv_2d, elementwise

SCALES = (
    # of operands and output
    (0.05, 0.05, 0.1),
    (0.05, 0.0004, 0.06),
    (0.01, 0.7, 0.4),
    (0.1, 0.1, 0.09),
)


def depthwise() -> Iterator[Case]:
    """Without those that are convolutions, whose kernels are instructions."""
    found = [one for one in scalar.own_cases("DEPTHWISE_CONV_2D", "int16") if "int32" not in one.name]
    for i, window in enumerate(scalar.windows(np.random.default_rng(i)) for i in range(scalar.RANDOM)):
        rng = np.random.default_rng(i)
        multiplier = (1, 2, 3, 4, 8)[i % 5]
        found.append(depthwise_conv_2d._case(f"random_{i}", rng, "int16", window, multiplier))
    for one in found:
        source, weights, *_ = one.inputs
        assert source is not None and weights is not None
        if source.shape[3] > 1 or weights.shape[3] == 1:
            yield one
    for value in (-128, -127, 127):
        yield scalar.extreme(found[0], value, "extreme")


def pairs(kind: str) -> Callable[[], Iterator[Case]]:
    """All cases of an operator of two activations, and scales at which what is shifted is little or much."""

    def made() -> Iterator[Case]:
        for dtype in ("int8", "int16"):
            yield from scalar.own_cases(kind, dtype)
        for dtype, (i, (first, second, result)) in itertools.product(("int8", "int16"), enumerate(SCALES)):
            rng = np.random.default_rng(i)
            a, b, target = (
                case.activation(rng, name, (1, 9, 31), dtype, case.scale(dtype, scale))
                for name, scale in (("a", first), ("b", second), ("output", result))
            )
            name = f"{kind.lower()}_{dtype}_scales_{i}"
            yield Case(name, kind, (a, b), target, elementwise.options(kind, 0))

    return made


def every(kind: str, dtypes: Sequence[str] = ("int8", "int16")) -> Callable[[], Iterator[Case]]:
    """All cases of an operator."""

    def made() -> Iterator[Case]:
        for dtype in dtypes:
            yield from scalar.own_cases(kind, dtype)

    return made


def shorts(kind: str) -> Callable[[], Iterator[Case]]:
    """Those of an operator that take int16 and make that or int8."""

    def made() -> Iterator[Case]:
        for one in (*scalar.own_cases(kind, "int8"), *scalar.own_cases(kind, "int16")):
            if one.inputs[0] is not None and one.inputs[0].dtype == "int16":
                yield one

    return made


def compared(kind: str) -> Callable[[], Iterator[Case]]:
    """Those that compare int8, int16 or bool."""

    def made() -> Iterator[Case]:
        for one in scalar.own_cases(kind, "bool"):
            if one.inputs[0] is not None and one.inputs[0].dtype in ("int8", "int16", "bool"):
                yield one

    return made


def limited() -> Iterator[Case]:
    """Of one scale and zero point, with ends at or beyond those of the type; sizes that no word divides."""
    for dtype, size, real in itertools.product(("int8", "int16"), (1, 3, 64, 71), (0.03, 0.07)):
        rng = np.random.default_rng(size)
        a = case.activation(rng, "input", (1, size), dtype, case.scale(dtype, real))
        name = f"relu6_{dtype}_{size}_{int(100 * real)}"
        yield Case(name, "RELU6", (a,), replace(a, name="output"), {})


def softmax() -> Iterator[Case]:
    """All cases, and rows so flat that a share is next to nothing, or so short that all of it is one's."""
    yield from every("SOFTMAX")()
    for dtype, unit, zero_point, deep in (("int8", 2.0**-8, -128, 511), ("int16", 2.0**-16, -(2**15), 4095)):
        for depth, scale in ((1, 0.3), (2, 4.0), (3, 0.001), (255, 0.04), (510, 1e-4), (deep, 0.2)):
            source = case.activation(np.random.default_rng(depth), "input", (3, depth), "int8", scale)
            target = Tensor("output", source.shape, dtype, Quantization((unit,), (zero_point,)))
            yield Case(f"softmax_{dtype}_of_{depth}", "SOFTMAX", (source,), target, {"beta": 1.0})


MAKE: dict[str, tuple[Callable[[], Iterator[Case]], tuple[str, ...]]] = {
    # operator: cases and the kernels that they have
    "DEPTHWISE_CONV_2D": (depthwise, ("depthwise_conv_2d_s16",)),
    "ADD": (pairs("ADD"), ("add_linear_s8", "add_s16")),
    "SUB": (pairs("SUB"), ("add_linear_s8", "add_s16")),
    "AVERAGE_POOL_2D": (every("AVERAGE_POOL_2D"), ("average_pool_2d_s8", "average_pool_2d_s16")),
    "MAX_POOL_2D": (every("MAX_POOL_2D"), ("max_pool_2d_s8", "max_pool_2d_s16")),
    "BATCH_MATMUL": (every("BATCH_MATMUL"), ("batch_matmul_s8", "batch_matmul_s16", "batch_matmul_s16_s8")),
    "PRELU": (every("PRELU"), ("prelu_s8", "prelu_s16")),
    "EQUAL": (compared("EQUAL"), ("compare_raw_s8", "compare_raw_s16", "compare_s8", "compare_s16")),
    "LESS": (compared("LESS"), ("compare_raw_s8", "compare_raw_s16", "compare_s8")),
    "GREATER_EQUAL": (compared("GREATER_EQUAL"), ("compare_raw_s8", "compare_raw_s16", "compare_s8")),
    "MAXIMUM": (every("MAXIMUM"), ("extremum_s8", "extremum_s16")),
    "MINIMUM": (every("MINIMUM"), ("extremum_s8", "extremum_s16")),
    "RELU6": (limited, ("limit_s8", "limit_s16")),
    "LEAKY_RELU": (shorts("LEAKY_RELU"), ("leaky_relu_s16",)),
    "QUANTIZE": (shorts("QUANTIZE"), ("rescale_s16_s8", "rescale_s16_s16")),
    "RELU": (shorts("RELU"), ("rescale_s16_s16",)),
    "MEAN": (every("MEAN", ["int8"]), ("mean_s8",)),
    "SOFTMAX": (softmax, ("softmax_s8", "softmax_s8_s16", "softmax_s16")),
    "SVDF": (every("SVDF"), ("svdf_s8",)),
    "TRANSPOSE_CONV": (
        every("TRANSPOSE_CONV"),
        ("transpose_conv_s8", "transpose_conv_s16", "transpose_conv_s16_narrow"),
    ),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": (every("UNIDIRECTIONAL_SEQUENCE_LSTM"), ("lstm_s8",)),
    "MUL": (pairs("MUL"), ("mul_s8", "mul_s16")),
}


@pytest.mark.parametrize("kind", MAKE)
def test_dsp_kernels_equal_litert(kind: str, tmp_path: Path) -> None:
    make, kernels = MAKE[kind]
    cases = list(make())
    jobs = [Job(one.name, single_op.single(one), ()) for one in cases]
    chosen = [layer.kernel for job in jobs for layer in model_runner._plan(job, ("dsp",)).layers]
    assert {f"{kernel}_dsp" for kernel in kernels} <= set(chosen)
    assert sum(kernel.endswith("_dsp") for kernel in chosen) > len(cases) / 2
    assert not scalar.wrong(kind, cases, "dsp", tmp_path)
