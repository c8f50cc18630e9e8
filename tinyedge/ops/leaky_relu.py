# SPDX-License-Identifier: Apache-2.0
"""LEAKY_RELU: int8 by table, int16."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, channels, check, unary


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 1)
    alpha = float(options["alpha"])
    if not (math.isfinite(alpha) and alpha >= 0):
        raise Unsupported(f"negative inputs have slope {alpha}", "use a slope of 0 or more")
    return {"alpha": alpha}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, _ = unary.check_both(graph, op, ("int8", "int16"))
    slopes(graph, op)
    return (source.shape,)


def slopes(graph: Graph, op: Op) -> tuple[tuple[int, int], tuple[int, int]]:
    """Multiplier and shift for inputs from 0 on, and for negative ones."""
    scale, out_scale = graph.input(op, 0).scale, graph.output(op).scale
    positive = unary.float32_ratio(scale, by=out_scale)
    negative = unary.float32_ratio(scale, op.attrs["alpha"], by=out_scale)
    return unary.rescaling(graph, op, positive), unary.rescaling(graph, op, negative)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    positive, negative = slopes(graph, op)
    if source.dtype == "int8":
        centred = unary.every_byte("int8") - source.zero_point
        above = fixedpoint.multiply_twice_rounded(centred, *positive)
        below = fixedpoint.multiply_twice_rounded(centred, *negative)
        scaled = np.where(centred >= 0, above, below) + target.zero_point
        return (unary.table_call(graph, op, unary.saturate(scaled, "int8")),)
    params = {
        "size": source.size,
        "multiplier": positive[0],
        "shift": positive[1],
        "negative_multiplier": negative[0],
        "negative_shift": negative[1],
    }
    return (Call("leaky_relu", "leaky_relu_s16", params, (Input(source.name), Output(target.name))),)


def cases() -> Iterator[Case]:
    alphas = (0.3, 0.01, 1.7)
    for case, alpha in zip(
        unary.cases("LEAKY_RELU", "int8", "int16", same_scale=True), alphas * 2, strict=True
    ):
        yield replace(case, options={"alpha": alpha})


operator = Operator(
    ("LEAKY_RELU",),
    infer,
    calls,
    read,
    distance=unary.distance,
    cases=cases,
    channels=channels.ELEMENTWISE,
)
