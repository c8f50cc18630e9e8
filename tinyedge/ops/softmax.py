# SPDX-License-Identifier: Apache-2.0
"""SOFTMAX over the last dimension: int8 to int8 or int16, and int16."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Case, Constant, Input, Operator, Output, check, exponential, require, unary

OUTPUT = {("int8", "int8"): (2.0**-8, -128), ("int8", "int16"): (None, 0), ("int16", "int16"): (2.0**-15, 0)}
"""By types of input and output: the scale (within 0.1 %) and zero point that LiteRT requires, if it does."""
MAX_DEPTH = 4095
"""8-bit rows are summed in Q12.19.

Where such a sum reaches 512, LiteRT's reference kernel for int8 outputs ends its process (gemmlowp asserts
that a shift is at most 31). No share of that row exceeds 1/512, half a step, and our kernel gives 0 for all.
Nobody judges such a row; which sums there are is the data's affair, so the operator is taken.
"""
NOTICED = 2**11
"""Smallest e^x in Q0.31 that changes a sum in Q12.19; smaller ones do not change an output either."""
POINTS = 512
"""Steps of the tables for 16 bits."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 1)
    beta = float(options["beta"])
    if not (math.isfinite(beta) and beta > 0):
        raise Unsupported(f"beta is {beta}", "use a beta above 0")
    return {"beta": beta}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    check.activation(graph, op, source, ("int8", "int16"))
    narrow = source.dtype == "int8"
    check.activation(graph, op, target, ("int8", "int16") if narrow else ("int16",), any_zero=narrow)
    require(bool(source.shape), graph, op, "its input has no dimension", "give it at least one")
    scale, zero_point = OUTPUT[source.dtype, target.dtype]
    # From 8 bits to 16 LiteRT fills the whole range whatever the file says of it.
    free = (source.dtype, target.dtype) == ("int8", "int16")
    good = (free or target.zero_point == zero_point) and (
        scale is None or abs(target.scale - scale) <= 0.001 * scale
    )
    what = f"its output has scale {target.scale} and zero point {target.zero_point}"
    require(good, graph, op, what, "convert the model again")
    if source.dtype == "int8":
        good = 1 <= source.shape[-1] <= MAX_DEPTH
        require(good, graph, op, f"it adds {source.shape[-1]} values", f"up to {MAX_DEPTH} are possible")
        multiplier_and_shift(graph, op)
    else:
        wide_multiplier_and_shift(graph, op)
    return (source.shape,)


def multiplier_and_shift(graph: Graph, op: Op) -> tuple[int, int]:
    """From steps of an int8 input to Q5.26."""
    real = min(op.attrs["beta"] * graph.input(op, 0).scale * 2**26, 2**31 - 1.0)
    require(
        real > 1,
        graph,
        op,
        f"its input has scale {graph.input(op, 0).scale}",
        "check the scales of this layer",
    )
    return fixedpoint.quantize_multiplier(real)


def wide_multiplier_and_shift(graph: Graph, op: Op) -> tuple[int, int]:
    """From steps of an int16 input to the steps of the table, 10 / 65535."""
    real = unary.float32_ratio(graph.input(op, 0).scale, op.attrs["beta"], by=1.0) / (10 / 65535)
    # Differences have 17 bits.
    require(
        real < 2**14,
        graph,
        op,
        f"its input has scale {graph.input(op, 0).scale}",
        "check the scales of this layer",
    )
    return fixedpoint.quantize_multiplier(real)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    depth = source.shape[-1]
    params = {"rows": source.size // depth, "depth": depth, "exps": 0, "multiplier": 0, "shift": 0}
    if source.dtype == "int16":
        params["multiplier"], params["shift"] = wide_multiplier_and_shift(graph, op)
        tables = (
            Constant("exp", interpolation(math.exp, -10, 0)),
            Constant("reciprocal", reciprocal_table()),
        )
        return (Call("softmax", "softmax_s16", params, (Input(source.name), *tables, Output(target.name))),)
    table = exp_table(*multiplier_and_shift(graph, op))
    params["exps"] = table.size
    kernel = "softmax_s8" if target.dtype == "int8" else "softmax_s8_s16"
    return (
        Call("softmax", kernel, params, (Input(source.name), Constant("exp", table), Output(target.name))),
    )


def exp_table(multiplier: int, shift: int) -> Array:
    """e^-(d * step) in Q0.31 for distances d from 0 up to the last that TFLite does not treat as infinite.

    step = multiplier / 2^31 * 2^shift in Q5.26; arguments below -31 are left out, and so are results
    that nobody notices.
    """
    farthest = math.floor(31 * 2**26 / 2**shift)
    distances = np.arange(min(farthest, 255) + 1, dtype=np.int64)
    powers = exponential.of_negative(fixedpoint.multiply_twice_rounded(-distances, multiplier, shift))
    return powers[powers >= NOTICED].astype(np.int32)


def reciprocal_table() -> Array:
    """1 / (1 + x) over [0, 1]."""
    return interpolation(lambda x: 1 / (1 + x), 0, 1)


def interpolation(function: Callable[[float], float], low: float, high: float) -> Array:
    """513 points of `function` over [low, high] in Q0.15, less half the error in the middle of a step."""
    step, unit, rounded = (high - low) / POINTS, 2**15, fixedpoint.round_half_away
    points = []
    for i in range(POINTS):
        here, middle, following = (function(low + (i + part) * step) * unit for part in (0, 0.5, 1))
        error = rounded((following + rounded(here)) / 2) - rounded(middle)
        points.append(rounded(here) - rounded(error / 2))
    points.append(rounded(function(high) * unit))
    return unary.saturate(np.array(points), "int16")


def cases() -> Iterator[Case]:
    widths = [("int8", "int8", 2.0**-8), ("int8", "int16", 2.0**-16), ("int16", "int16", 2.0**-15)]
    for dtype, out_dtype, out_scale in widths:
        fine = 1.0 if dtype == "int8" else 1 / 256
        for i, (shape, scale, beta) in enumerate(
            [((1, 12), 0.11, 1.0), ((3, 2, 200), 0.02, 1.0), ((7, 5), 1.3, 0.7)]
        ):
            zero_point = 7 * i if dtype == "int8" else 0
            source = Tensor(
                "input", shape, dtype, Quantization((float(np.float32(scale * fine)),), (zero_point,))
            )
            zero_out = -128 if out_dtype == "int8" else 0
            if (dtype, out_dtype, i) == ("int8", "int16", 2):
                zero_out = -(2**15)
            target = Tensor("output", shape, out_dtype, Quantization((out_scale,), (zero_out,)))
            yield Case(f"softmax_{dtype}_{out_dtype}_{i}", "SOFTMAX", (source,), target, {"beta": beta})


operator = Operator(("SOFTMAX",), infer, calls, read, distance=unary.distance, cases=cases)
