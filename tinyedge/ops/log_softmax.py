# SPDX-License-Identifier: Apache-2.0
"""LOG_SOFTMAX over the last dimension: int8."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import (
    Call,
    Case,
    Constant,
    Input,
    Operator,
    Output,
    case,
    check,
    exponential,
    require,
    unary,
)

MAX_DEPTH = 4095
"""Rows are summed in Q12.19."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 1)
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = unary.check_both(graph, op, ("int8",))
    require(bool(source.shape), graph, op, "its input has no dimension", "give it at least one")
    good = target.scale == 1 / 16 and target.zero_point == 127
    what = f"its output has scale {target.scale} and zero point {target.zero_point}"
    require(good, graph, op, what, "convert the model again; 1/16 and 127 are possible")
    good = 1 <= source.shape[-1] <= MAX_DEPTH
    require(good, graph, op, f"it adds {source.shape[-1]} values", f"up to {MAX_DEPTH} are possible")
    real = source.scale * 2**26
    good = 1 < real < 2**31 - 1
    require(good, graph, op, f"its input has scale {source.scale}", "check the scales of this layer")
    return (source.shape,)


def exp_table(multiplier: int, shift: int) -> Array:
    """e^-(d steps) in Q12.19, for distances d from 0 to the last that LiteRT does not treat as infinite."""
    farthest = math.floor(31 * 2**26 / 2**shift)
    distances = np.arange(min(farthest, 255) + 1, dtype=np.int64)
    powers = exponential.of_negative(fixedpoint.multiply_twice_rounded(-distances, multiplier, shift))
    return fixedpoint.multiply_twice_rounded(powers, 2**30, 1 - 12).astype(np.int32)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    multiplier, shift = fixedpoint.quantize_multiplier(source.scale * 2**26)
    # The way back: PreprocessLogSoftmaxScalingExp.
    back_multiplier, back_shift = fixedpoint.quantize_multiplier(2 ** (31 - shift) / multiplier)
    table = exp_table(multiplier, shift)
    farthest = math.floor(31 * 2**26 / 2**shift)
    params = {
        "rows": source.size // source.shape[-1],
        "depth": source.shape[-1],
        "exps": min(farthest, 255) + 1,
        "multiplier": multiplier,
        "shift": shift,
        "back_multiplier": back_multiplier,
        "back_shift": back_shift,
    }
    arguments = (Input(source.name), Constant("exp", table), Output(target.name))
    return (Call("log_softmax", "log_softmax_s8", params, arguments),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """A row is read as a whole before its first element is written."""
    return 0


def cases() -> Iterator[Case]:
    rows = [((1, 12), 0.11), ((3, 2, 200), 0.02), ((7, 5), 1.3), ((2, 9), 0.004), ((3, 1), 0.3)]
    for i, (shape, scale) in enumerate(rows):
        rng = np.random.default_rng(i)
        source = case.activation(rng, "input", shape, "int8", scale)
        target = case.activation(rng, "output", shape, "int8", 1 / 16, 127)
        yield Case(f"log_softmax_{i}", "LOG_SOFTMAX", (source,), target, {})


operator = Operator(("LOG_SOFTMAX",), infer, calls, read, distance=distance, cases=cases)
