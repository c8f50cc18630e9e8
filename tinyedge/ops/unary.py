# SPDX-License-Identifier: Apache-2.0
"""What elementwise operators of one input share: checks, rescaling, tables for 8 bits, overlap and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import ITEM_SIZE, Array, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Constant, Input, Output, case, check, require

BYTES = ("int8", "uint8")
"""Types for which a table of every value is small."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """For operators without attributes: require one input."""
    check.count_inputs(inputs, 1, 1)
    return {}


def check_both(graph: Graph, op: Op, dtypes: tuple[str, ...]) -> tuple[Tensor, Tensor]:
    """Require an input and an output of the same one of `dtypes`; gives both."""
    source, target = graph.input(op, 0), graph.output(op)
    check.activation(graph, op, source, dtypes)
    check.activation(graph, op, target, (source.dtype,))
    return source, target


def float32_ratio(*factors: float, by: float) -> float:
    """Product of `factors` divided by `by`, every step in float32: how TFLite computes some ratios."""
    with np.errstate(over="ignore", under="ignore"):
        product = np.float32(factors[0])
        for factor in factors[1:]:
            product = product * np.float32(factor)
        return float(product / np.float32(by))


def rescaling(graph: Graph, op: Op, ratio: float) -> tuple[int, int]:
    """Multiplier and shift of te_requantize for `ratio` >= 0; requires that nothing overflows.

    The reach is that of the first input's type; 2^30 leaves room for the output's zero point.
    """
    source = graph.input(op, 0)
    low, high = fixedpoint.LIMITS[source.dtype]
    reach = max(abs(low - source.zero_point), abs(high - source.zero_point))
    possible = 0 <= ratio < 2**30
    require(possible, graph, op, f"its scales are {ratio:g} apart", "check the scales of this layer")
    multiplier, shift = fixedpoint.quantize_multiplier(ratio)
    # A 32-bit input may only shrink, to less than half.
    fits = shift <= -1 if source.dtype == "int32" else reach << max(shift, 0) <= 2**30
    require(fits, graph, op, f"its scales are {ratio:g} apart", "check the scales of this layer")
    return multiplier, shift


def require_litert(graph: Graph, op: Op, rounding: str) -> None:
    """For what TFLM computes by other steps, which tinyedge does not have: require the rounding "litert"."""
    what = "TFLM computes it by other steps than LiteRT, which tinyedge does not have"
    require(rounding == "litert", graph, op, what, 'build with the rounding "litert"')


def every_byte(dtype: str) -> Array:
    """All values of an 8-bit type as int64, in the order of a table: by their unsigned byte."""
    return np.arange(256, dtype=np.uint8).view(dtype).astype(np.int64)


def saturate(values: Array, dtype: str) -> Array:
    """`values` clamped to `dtype` and of that type."""
    return np.clip(values, *fixedpoint.LIMITS[dtype]).astype(dtype)


def table_call(graph: Graph, op: Op, table: Array) -> Call:
    """A call of the table kernel; `table` [256] has the output's type, in the order of `every_byte`."""
    source, target = graph.input(op, 0), graph.output(op)
    kernel, stored = ("lut_s16", "int16") if target.dtype == "int16" else ("lut_s8", "int8")
    data = table.astype(target.dtype).view(stored)
    arguments = (Input(source.name), Constant("table", data), Output(target.name))
    return Call("lut", kernel, {"size": source.size}, arguments)


def float_table(graph: Graph, op: Op, function: Callable[[float], float]) -> Array:
    """Table of `function` on real numbers for int8, by the float32 steps with which LiteRT fills its own.

    `function` takes a number that float32 can hold; what it gives is rounded to float32.
    """
    source, target = graph.input(op, 0), graph.output(op)
    with np.errstate(over="ignore", invalid="ignore"):
        real = np.float32(source.scale) * (every_byte(source.dtype) - source.zero_point).astype(np.float32)
        inverse = np.float32(1) / np.float32(target.scale)
        scaled = np.array([function(float(x)) for x in real], np.float32) * inverse
    known = not np.isnan(scaled).any()
    require(known, graph, op, f"its output has scale {target.scale:g}", "check the scales of this layer")
    rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)) + np.float32(target.zero_point)
    return np.asarray(np.clip(rounded, *fixedpoint.LIMITS[target.dtype]), target.dtype)


def distance(graph: Graph, op: Op, source_name: str) -> int | None:
    """Elements are read and written in ascending order; only a wider output needs a head start."""
    source, target = graph.input(op, 0), graph.output(op)
    growth = ITEM_SIZE[target.dtype] - ITEM_SIZE[source.dtype]
    return max(0, (source.size - 1) * growth)


def cases(operator: str, *dtypes: str, same_scale: bool = False) -> Iterator[Case]:
    """Models of one such operator: fine, coarse and (on request) equal scales, for every type."""
    for dtype in dtypes:
        steps = 1.0 if dtype == "int8" else 1 / 256
        for i, (scale, out_scale) in enumerate([(0.02, 0.05), (0.5, 0.3), (0.043, None)]):
            if out_scale is None and not same_scale:
                continue
            rng = np.random.default_rng(i)
            source = case.activation(rng, "input", (2, 7, 5, 9), dtype, scale * steps)
            target = case.activation(rng, "output", source.shape, dtype, out_scale and out_scale * steps)
            if out_scale is None:
                target = Tensor("output", source.shape, dtype, source.quantization)
            yield Case(f"{operator.lower()}_{dtype}_{i}", operator, (source,), target, {})
