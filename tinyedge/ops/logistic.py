# SPDX-License-Identifier: Apache-2.0
"""LOGISTIC: int8 by table, int16."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Case, Operator, channels, require, sigmoid, unary

POWERS = (0,)
"""See sigmoid.multiplier_and_shift."""


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = unary.check_both(graph, op, ("int8", "int16"))
    if source.dtype == "int16":
        sigmoid.check_output_s16(graph, op, target)
        sigmoid.multiplier_and_shift(graph, op, POWERS)
    else:
        good = target.scale == 2.0**-8
        require(
            good, graph, op, f"its int8 output has scale {target.scale}, not 2^-8", "convert the model again"
        )
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    if graph.input(op, 0).dtype == "int16":
        return (sigmoid.call_s16(graph, op, "logistic_s16", POWERS),)
    unary.require_litert(graph, op, rounding)  # TFLM's table comes from fixed-point arithmetic
    return (unary.table_call(graph, op, unary.float_table(graph, op, logistic)),)


def logistic(x: float) -> float:
    """1 / (1 + e^-x) in float32 steps."""
    one = np.float32(1)
    with np.errstate(over="ignore"):
        return float(one / (one + np.float32(math.exp(-x) if x > -700 else math.inf)))


def cases() -> Iterator[Case]:
    eight = Quantization((2.0**-8,), (-128,))
    for case in unary.cases("LOGISTIC", "int8"):
        yield replace(case, output=replace(case.output, quantization=eight))
    for i, scale in enumerate([2.0**-12, 2.0**-11, 3e-4, 1.5e-3, 2.0]):
        source = Tensor("input", (1, 700), "int16", Quantization((float(np.float32(scale)),), (0,)))
        target = Tensor("output", (1, 700), "int16", Quantization((2.0**-15,), (0,)))
        yield Case(f"logistic_int16_{i}", "LOGISTIC", (source,), target, {})


operator = Operator(
    ("LOGISTIC",),
    infer,
    calls,
    unary.read,
    distance=unary.distance,
    cases=cases,
    channels=channels.ELEMENTWISE,
)
