# SPDX-License-Identifier: Apache-2.0
"""SQUARED_DIFFERENCE: int8 and int32, with broadcasting."""

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
    channels,
    check,
    elementwise,
    integer,
    require,
)


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    if target.dtype == "int32":
        return integer.infer_fused(graph, op)
    check.quantized(graph, op, a, ("int8",))
    check.quantized(graph, op, b, ("int8",))
    check.activation(graph, op, target, ("int8",))
    return (broadcast.shape(graph, op, (a, b)),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    if target.dtype == "int32":
        return integer.calls(graph, op, rounding)
    with np.errstate(all="ignore"):
        twice = float(np.float32(2) * np.float32(max(a.scale, b.scale)))
        real = twice * twice / float(np.float32(1 << 14) * np.float32(target.scale))
    require(real < 1, graph, op, f"its output scale {target.scale:g} is too small", "check its scales")
    a_multiplier, a_shift = fixedpoint.quantize_multiplier(a.scale / twice)
    b_multiplier, b_shift = fixedpoint.quantize_multiplier(b.scale / twice)
    multiplier, shift = fixedpoint.quantize_multiplier(real)
    low, high = fixedpoint.LIMITS["int8"]
    params: dict[str, int | tuple[int, ...]] = {
        "a_multiplier": a_multiplier,
        "a_shift": a_shift,
        "b_multiplier": b_multiplier,
        "b_shift": b_shift,
        "out_multiplier": multiplier,
        "out_shift": shift,
        "a_zero_point": a.zero_point,
        "b_zero_point": b.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    arguments = (elementwise.operand(a), elementwise.operand(b), Output(target.name))
    fields = {**broadcast.params("ab", (a, b)), **params}
    return (Call("squared_difference", "squared_difference_s8", fields, arguments),)


def cases() -> Iterator[Case]:
    for case in elementwise.cases("SQUARED_DIFFERENCE", 0.3):
        if case.output.dtype == "int8":
            yield replace(case, options={})
    yield from integer.cases_of("SQUARED_DIFFERENCE", {})


operator = Operator(
    ("SQUARED_DIFFERENCE",),
    infer,
    calls,
    read,
    distance=elementwise.distance,
    cases=cases,
    channels=channels.OPERANDS,
)
