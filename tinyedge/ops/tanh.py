# SPDX-License-Identifier: Apache-2.0
"""TANH: int8 by table, int16."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Case, Operator, channels, sigmoid, unary

POWERS = (0, 1)
"""See sigmoid.multiplier_and_shift."""


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = unary.check_both(graph, op, ("int8", "int16"))
    if source.dtype == "int16":
        sigmoid.check_output_s16(graph, op, target)
        sigmoid.multiplier_and_shift(graph, op, POWERS)
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    if graph.input(op, 0).dtype == "int16":
        return (sigmoid.call_s16(graph, op, "tanh_s16", POWERS),)
    unary.require_litert(graph, op, rounding)  # TFLM's table comes from fixed-point arithmetic
    return (unary.table_call(graph, op, unary.float_table(graph, op, math.tanh)),)


def cases() -> Iterator[Case]:
    yield from unary.cases("TANH", "int8")
    for i, scale in enumerate([2.0**-12, 2.0**-11, 2.0**-10, 3e-4, 2.0]):
        source = Tensor("input", (1, 700), "int16", Quantization((float(np.float32(scale)),), (0,)))
        target = Tensor("output", (1, 700), "int16", Quantization((2.0**-15,), (0,)))
        yield Case(f"tanh_int16_{i}", "TANH", (source,), target, {})


operator = Operator(
    ("TANH",),
    infer,
    calls,
    unary.read,
    distance=unary.distance,
    cases=cases,
    channels=channels.ELEMENTWISE,
)
