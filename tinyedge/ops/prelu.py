# SPDX-License-Identifier: Apache-2.0
"""PRELU: int8 and int16, with int8 slopes that may be broadcast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import (
    Call,
    Case,
    Operator,
    Output,
    broadcast,
    case,
    channels,
    check,
    elementwise,
    require,
    unary,
)
from tinyedge.ops.requantize import SUM_LIMIT


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    a, slopes, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    check.activation(graph, op, a, ("int8", "int16"))
    # LiteRT reads slopes as int8, whatever type the file gives them.
    check.quantized(graph, op, slopes, ("int8",))
    check.activation(graph, op, target, (a.dtype,))
    return (broadcast.shape(graph, op, (a, slopes)),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    a, slopes, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    ratios = (
        unary.float32_ratio(a.scale, by=target.scale),
        unary.float32_ratio(a.scale, slopes.scale, by=target.scale),
    )
    largest = elementwise.largest(a)
    constants = []
    for ratio, most in zip(ratios, (largest, largest * elementwise.largest(slopes)), strict=True):
        multiplier, shift = fixedpoint.quantize_multiplier(ratio) if np.isfinite(ratio) else (0, 31)
        fits = shift <= 30 and most <= SUM_LIMIT >> max(shift, 0)
        require(fits, graph, op, "its products do not fit 32 bits", check.ROOM)
        constants.append((multiplier, shift))
    low, high = fixedpoint.LIMITS[a.dtype]
    params: dict[str, int | tuple[int, ...]] = {
        "positive_multiplier": constants[0][0],
        "positive_shift": constants[0][1],
        "negative_multiplier": constants[1][0],
        "negative_shift": constants[1][1],
        "a_zero_point": a.zero_point,
        "b_zero_point": slopes.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    arguments = (elementwise.operand(a), elementwise.operand(slopes), Output(target.name))
    kernel = f"prelu_{elementwise.suffix(a)}"
    return (Call("prelu", kernel, {**broadcast.params("ab", (a, slopes)), **params}, arguments),)


def cases() -> Iterator[Case]:
    shapes: list[tuple[tuple[int, ...], tuple[int, ...], float]] = [
        ((1, 5, 7, 3), (1, 1, 3), 0.03),
        ((2, 6, 4, 2), (6, 4, 2), 0.1),
        ((1, 40), (1, 40), 0.008),
    ]
    for i, (shape, slopes, scale), dtype in case.typed(shapes, "int16"):
        rng = np.random.default_rng(i)
        source = case.activation(rng, "input", shape, dtype, case.scale(dtype, 0.03))
        alpha = case.activation(rng, "alpha", slopes, "int8", 0.006)
        data = rng.integers(-128, 127, slopes, np.int8, endpoint=True)
        target = case.activation(rng, "output", shape, dtype, case.scale(dtype, scale))
        yield Case(f"prelu_{dtype}_{i}", "PRELU", (source, replace(alpha, data=data)), target, {})


operator = Operator(
    ("PRELU",),
    infer,
    calls,
    read,
    distance=elementwise.distance,
    cases=cases,
    channels=channels.OPERANDS,
)
