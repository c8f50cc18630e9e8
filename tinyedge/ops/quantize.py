# SPDX-License-Identifier: Apache-2.0
"""QUANTIZE from one integer type, scale or zero point to another; float is for a model's borders only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Graph, Op
from tinyedge.ops import Call, Case, Input, Operator, Output, case, channels, check, require, unary

TARGETS = {
    "int8": ("int8", "uint8", "int16"),
    "uint8": ("int8", "uint8", "int16"),
    "int16": ("int8", "int16", "int32"),
    "int32": ("int8", "int16"),
}
"""What each type can become."""


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    what = f"it makes {target.name!r} from float inside the model"
    require(source.dtype != "float32", graph, op, what, check.QUANTIZE)
    # Between 16 bits LiteRT knows no zero point; behind a softmax of 16 bits there may be one.
    check.activation(graph, op, source, tuple(TARGETS), any_zero=target.dtype != "int16")
    check.activation(graph, op, target, TARGETS[source.dtype])
    for tensor in (source, target):
        good = tensor.dtype != "int32" or tensor.zero_point == 0
        require(
            good, graph, op, f"{tensor.name!r} has zero point {tensor.zero_point}", "convert the model again"
        )
    multiplier_and_shift(graph, op)
    return (source.shape,)


def multiplier_and_shift(graph: Graph, op: Op) -> tuple[int, int]:
    return unary.rescaling(graph, op, graph.input(op, 0).scale / graph.output(op).scale)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    multiplier, shift = multiplier_and_shift(graph, op)
    if source.dtype in unary.BYTES:
        centred = unary.every_byte(source.dtype) - source.zero_point
        scaled = fixedpoint.multiply_twice_rounded(centred, multiplier, shift) + target.zero_point
        return (unary.table_call(graph, op, unary.saturate(scaled, target.dtype)),)
    low, high = fixedpoint.LIMITS[target.dtype]
    params = {
        "size": source.size,
        "in_zero_point": source.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
        "multiplier": multiplier,
        "shift": shift,
    }
    kernel = f"rescale_s{source.dtype.removeprefix('int')}_s{target.dtype.removeprefix('int')}"
    return (Call("rescale", kernel, params, (Input(source.name), Output(target.name))),)


def cases() -> Iterator[Case]:
    steps = {"int8": 0.05, "uint8": 0.05, "int16": 2e-4, "int32": 3e-9}
    out_steps = steps | {"int32": 1e-7}
    for dtype, targets in TARGETS.items():
        for out_dtype in targets:
            for i, ratio in enumerate((0.8, 1.7)):
                rng = np.random.default_rng(i)
                zeros = (None if name in unary.BYTES else 0 for name in (dtype, out_dtype))
                source = case.activation(rng, "input", (3, 171), dtype, steps[dtype] * ratio, next(zeros))
                target = case.activation(
                    rng, "output", (3, 171), out_dtype, out_steps[out_dtype], next(zeros)
                )
                yield Case(f"quantize_{dtype}_{out_dtype}_{i}", "QUANTIZE", (source,), target, {})
    for out_dtype in ("int8", "int32"):
        rng = np.random.default_rng(0)
        source = case.activation(rng, "input", (3, 171), "int16", 2.0**-16, -(2**15))
        target = case.activation(rng, "output", (3, 171), out_dtype, out_steps[out_dtype], 0)
        yield Case(f"quantize_from_below_{out_dtype}", "QUANTIZE", (source,), target, {})


operator = Operator(
    ("QUANTIZE",),
    infer,
    calls,
    unary.read,
    distance=unary.distance,
    cases=cases,
    channels=channels.ELEMENTWISE,
)
