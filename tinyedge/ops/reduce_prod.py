# SPDX-License-Identifier: Apache-2.0
"""REDUCE_PROD: int8 and int16, rescaled after every factor; int32."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Graph, Op
from tinyedge.ops import Call, Case, Input, Operator, Output, case, check, elementwise, reduction, require


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    if target.dtype == "int32":
        return reduction.infer_integer(graph, op)
    check.activation(graph, op, source, ("int8", "int16"))
    check.activation(graph, op, target, (source.dtype,))
    return reduction.infer(graph, op)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    if target.dtype == "int32":
        return (reduction.integer_call(graph, op, product=True),)
    sizes = reduction.sizes(graph, op)
    count = sizes[1] * sizes[3]
    # Every factor is divided by the count-th root of the output's scale: LiteRT's GetQuantProdScaling.
    real = source.scale / target.scale ** (1.0 / count)
    multiplier, shift = fixedpoint.quantize_multiplier(real)
    reduced = fixedpoint.reduce_multiplier(multiplier)
    largest = elementwise.largest(source)
    reach, within = largest, 1 <= 15 - shift <= 62
    for step in range(count if within else 0):
        product = reach * largest if step < count - 1 else reach
        reach = (product * reduced >> (15 - shift)) + 1
        within = within and product < 2**47 and reach < 2**30
        if not within or reach == 1:
            break
    hint = "check the scales of this layer"
    require(within, graph, op, "its products do not fit 32 bits", hint)
    lowest, highest = fixedpoint.LIMITS[source.dtype]
    params: dict[str, int | tuple[int, ...]] = {
        "size": sizes,
        "in_zero_point": source.zero_point,
        "multiplier": reduced,
        "shift": 15 - shift,
        "out_zero_point": target.zero_point,
        "out_min": lowest,
        "out_max": highest,
    }
    kernel = f"reduce_prod_{elementwise.suffix(source)}"
    return (Call("reduce_prod", kernel, params, (Input(source.name), Output(target.name))),)


def cases() -> Iterator[Case]:
    for i, (shape, axes, keep), dtype in case.typed(reduction.SHAPES[2:], "int16"):
        rng = np.random.default_rng(i)
        source = case.activation(rng, "input", shape, dtype, case.scale(dtype, 1 / 260))
        result = reduction.reduced(shape, tuple(axis % len(shape) for axis in axes), keep)
        target = case.activation(rng, "output", result, dtype, case.scale(dtype, 1 / 90))
        inputs = (source, case.indices("axes", *axes))
        yield Case(f"reduce_prod_{dtype}_{i}", "REDUCE_PROD", inputs, target, {"keepDims": keep})
    yield from reduction.integer_cases("REDUCE_PROD")


operator = Operator(("REDUCE_PROD",), infer, calls, reduction.read, distance=reduction.distance, cases=cases)
