# SPDX-License-Identifier: Apache-2.0
"""Scalar and Xtensa kernels on this machine, under sanitizers: LiteRT's bits on cases, own and random."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests import model_runner, single_op
from tests.host.test_ops import inputs_of
from tests.model_runner import Job
from tinyedge import ops
from tinyedge.graph import Array
from tinyedge.ops import Case, conv_2d, depthwise_conv_2d, elementwise, fully_connected
from tinyedge.ops.case import Window, activation
from tinyedge.oracle import Oracle
from tinyedge.plan.layout import scalar, scalar_dense

RANDOM = 14


def own_cases(kind: str, dtype: str) -> Iterator[Case]:
    for case in ops.operators()[kind].cases():
        if case.operator == kind and case.output.dtype == dtype:
            yield case


def windows(rng: np.random.Generator) -> Window:
    kernel = (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
    dilation = (int(rng.integers(1, 3)), int(rng.integers(1, 4)))
    sizes = [int(rng.integers((k - 1) * d + 1, 14)) for k, d in zip(kernel, dilation, strict=True)]
    stride = (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    shape = (int(rng.integers(1, 3)), sizes[0], sizes[1], int(rng.choice([1, 2, 3, 4, 8, 17, 20])))
    return Window(shape, kernel, stride, dilation, int(rng.integers(0, 2)), int(rng.integers(0, 4)))


def convolutions(rng: np.random.Generator) -> Iterator[Case]:
    for i in range(RANDOM):
        window = windows(rng)
        groups = 2 if i % 5 == 4 and window.shape[3] % 2 == 0 else 1
        channels = groups * int(rng.choice([1, 3, 7, 8, 9, 17]))
        # Every second with outputs from the zero point on, which have lines.
        zero_point = -128 if i % 2 else None
        name = f"conv_random_{i}"
        yield conv_2d._case(name, rng, "int8", "int32", window, channels, groups, zero_point)
    yield conv_2d._case("conv_wide", rng, "int8", "int32", Window((1, 3, 3, 80), (3, 3)), 9, 1)
    yield conv_2d._case("conv_in_parts", rng, "int8", "int32", Window((1, 3, 2, 71), (3, 3)), 41, 1)
    yield conv_2d._case("conv_column", rng, "int8", "int32", Window((1, 31, 1, 3), (5, 1), (2, 1)), 9, 1)
    for i, (height, width, stride) in enumerate(((9, 20, 2), (5, 5, 1), (3, 31, 1), (8, 2, 1))):
        shape = Window((1, height * stride, width * stride, 1 + 2 * (i % 2)), (4, 3), (stride, stride))
        yield conv_2d._case(f"conv_strips_{i}", rng, "int8", "int32", shape, 9, 1)
    yield conv_2d._case(
        "conv_long_strips", rng, "int8", "int32", Window((2, 40, 30, 1), (10, 8), (2, 2)), 8, 1
    )
    yield conv_2d._case("conv_pixel", rng, "int8", "int32", Window((1, 1, 1, 33), (1, 1)), 19, 1)
    yield conv_2d._case("conv_all", rng, "int8", "int32", Window((1, 3, 4, 5), (3, 4), padding=1), 9, 1)
    yield conv_2d._case("conv_groups_in_parts", rng, "int8", "int32", Window((1, 3, 3, 68), (3, 3)), 22, 2)


def depthwise(rng: np.random.Generator) -> Iterator[Case]:
    for i in range(RANDOM):
        window, multiplier, zero_point = windows(rng), int(rng.integers(1, 3)), -128 if i % 2 else None
        yield depthwise_conv_2d._case(f"dw_random_{i}", rng, "int8", window, multiplier, zero_point)
    for i, (width, stride, multiplier) in enumerate(
        ((5, 1, 1), (4, 1, 2), (11, 1, 1), (9, 2, 1), (19, 2, 1))
    ):
        nine = Window((1, 5, width, 18), (3, 3), (stride, stride))
        yield depthwise_conv_2d._case(f"dw_nine_{i}", rng, "int8", nine, multiplier)
    yield depthwise_conv_2d._case("dw_wide", rng, "int8", Window((1, 7, 40, 2), (7, 25)), 1)
    yield depthwise_conv_2d._case("dw_large", rng, "int8", Window((1, 20, 30, 5), (20, 24)), 2)
    yield depthwise_conv_2d._case("dw_large_words", rng, "int8", Window((1, 20, 30, 4), (20, 24)), 1)
    yield depthwise_conv_2d._case("dw_too_large", rng, "int8", Window((1, 46, 46, 1), (46, 44)), 1)
    yield depthwise_conv_2d._case("dw_column", rng, "int8", Window((1, 31, 1, 9), (5, 1), (2, 1)), 1)
    yield depthwise_conv_2d._case("dw_wide_words", rng, "int8", Window((1, 12, 13, 20), (11, 11)), 1)


def dense(rng: np.random.Generator) -> Iterator[Case]:
    for i in range(RANDOM):
        depth, channels = int(rng.integers(1, 90)), int(rng.integers(1, 40))
        shape = (int(rng.integers(1, 4)), depth)
        name = f"dense_random_{i}"
        yield fully_connected._case(
            name, rng, "int8", "int32", shape, depth, channels, i % 2 == 0, i % 4, False
        )
    for depth in (640, 1285):
        name = f"dense_deep_{depth}"
        yield fully_connected._case(name, rng, "int8", "int32", (2, depth), depth, 43, False, 0, False)


def sums(kind: str, rng: np.random.Generator) -> Iterator[Case]:
    """Int16 sums or differences, of equal scales and others, with the ends of their ranges."""
    yield from own_cases(kind, "int16")
    for i, scales in enumerate(
        ((1e-3, 1e-3, 1e-3), (1e-3, 7e-4, 1.7e-3), (3e-6, 1e-3, 1e-3), (1e-3, 0.9, 0.7))
    ):
        a, b, out = (
            activation(rng, name, (1, 65, 63), "int16", scale)
            for name, scale in zip(("a", "b", "output"), scales, strict=True)
        )
        yield Case(f"sum_{i}", kind, (a, b), out, elementwise.options(kind, i % 2))


MAKE = {"CONV_2D": convolutions, "DEPTHWISE_CONV_2D": depthwise, "FULLY_CONNECTED": dense}


def extreme(case: Case, value: int, name: str) -> Case:
    weights = case.inputs[1]
    assert weights is not None and weights.data is not None
    full = replace(weights, data=np.full(weights.shape, value, np.int8))
    return replace(case, name=f"{name}_{value & 255}", inputs=(case.inputs[0], full, *case.inputs[2:]))


def wrong(kind: str, cases: list[Case], isa: str, folder: Path) -> list[str]:
    """The cases of an operator in which the kernels of a folder do not give LiteRT's bits."""
    assert len({case.name for case in cases}) == len(cases)
    models = {case.name: single_op.single(case) for case in cases}
    inputs = {name: inputs_of(name, model) for name, model in models.items()}
    batch: dict[int | str, Array] = {}
    for name, values in inputs.items():
        batch |= {f"{name}/{tensor}": np.stack(frames) for tensor, frames in values.items()}
    with Oracle(single_op.merged(cases), kind) as judge:
        expected = dict(zip(models, judge.run_many(batch), strict=True))
    jobs = []
    for i, (name, model) in enumerate(models.items()):
        frames = [
            dict(zip(inputs[name], values, strict=True))
            for values in zip(*inputs[name].values(), strict=True)
        ]
        jobs.append(Job(name, model, frames, ("size", "speed")[i % 2]))
    results = model_runner.run(jobs, folder, (isa,))
    return [
        job.name
        for job, frames in zip(jobs, results, strict=True)
        if np.any(np.stack([frame[0] for frame in frames]) != expected[job.name])
    ]


@pytest.mark.parametrize(
    ("isa", "kind"),
    [
        *itertools.product(("scalar", "xtensa"), MAKE),
        *itertools.product(("scalar", "xtensa"), ("ADD", "SUB")),
        # Of depthwise layers it has those alone that are convolutions.
        *itertools.product(("mac16",), ("CONV_2D", "FULLY_CONNECTED")),
    ],
)
def test_scalar_kernels_equal_litert(isa: str, kind: str, tmp_path: Path) -> None:
    if kind not in MAKE:
        assert not wrong(kind, list(sums(kind, np.random.default_rng(7))), isa, tmp_path)
        return
    cases = [*own_cases(kind, "int8"), *MAKE[kind](np.random.default_rng(3))]
    cases += [extreme(cases[0], value, "extreme") for value in (-128, -127, 127)]
    if isa == "scalar":
        # Kernels of their own, where sums fit 32 bits.
        cases += own_cases(kind, "int16")
        cases += short_depthwise() if kind == "DEPTHWISE_CONV_2D" else ()
    assert not wrong(kind, cases, isa, tmp_path)


def short_depthwise() -> Iterator[Case]:
    rng = np.random.default_rng(4)
    for i in range(RANDOM):
        yield depthwise_conv_2d._case(f"dw_short_{i}", rng, "int16", windows(rng), 1)


@pytest.mark.parametrize("kind", ["AVERAGE_POOL_2D", "BATCH_MATMUL", "MAX_POOL_2D", "MEAN", "MUL"])
def test_kernels_of_other_operators_equal_litert(kind: str, tmp_path: Path) -> None:
    cases = [case for dtype in ("int8", "int16") for case in own_cases(kind, dtype)]
    assert not wrong(kind, cases, "scalar", tmp_path)


def test_packed_products_stay_within_their_bits() -> None:
    """For any weights, the sums of a chunk of taps lie in 21 bits."""
    rng = np.random.default_rng(5)
    for limit, taps in ((1, 2000), (30, 144), (127, 288), (128, 577), (128, 9), (0, 5)):
        rows = rng.integers(-limit, min(limit, 127), (8, taps), np.int8, endpoint=True)
        size = scalar.chunk(rows)
        assert size % 4 == 0
        assert size <= scalar.TAPS
        chunks = np.pad(rows, ((0, 0), (0, -taps % size))).reshape(8, -1, size).astype(np.int64)
        assert np.maximum(-128 * chunks, 127 * chunks).sum(axis=2).max() < 2**20
        assert np.minimum(-128 * chunks, 127 * chunks).sum(axis=2).min() >= -(2**20)
    assert scalar.chunk(np.full((1, 128), -128, np.int8)) == 44  # 64 times -128 * -128 are 2^20
    assert scalar.chunk(np.full((1, 128), 127, np.int8)) == 64


def test_packed_dense_products_stay_within_their_half() -> None:
    """For any weights, the products of a chunk lie in 16 bits, and what is not kept is apart."""
    rng = np.random.default_rng(6)
    for limit in (1, 30, 127, 128):
        rows = rng.integers(-limit, min(limit, 127), (5, 1300), np.int8, endpoint=True)
        for chunk in scalar_dense.CHUNKS:
            segment = scalar_dense.SCALAR.inputs(chunk)
            kept = scalar_dense.keep(rows, chunk)
            assert np.all((kept == rows) | (kept == 0))
            chunks = np.pad(kept, ((0, 0), (0, -1300 % chunk))).reshape(-1, chunk).astype(np.int64)
            assert np.maximum(-128 * chunks, 127 * chunks).sum(axis=1).max() < 2**15
            assert np.minimum(-128 * chunks, 127 * chunks).sum(axis=1).min() >= -(2**15)
            entries = np.count_nonzero(kept != rows) + 3 * 3  # one more for every block and segment
            words = 6 * (1300 + -(1300 % segment) % chunk) // 4  # the last segment is filled up; six channels
            assert scalar_dense.stream(rows, kept, chunk).size == 4 * (words + entries)
