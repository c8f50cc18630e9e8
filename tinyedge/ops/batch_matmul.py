# SPDX-License-Identifier: Apache-2.0
"""BATCH_MATMUL: int8, int16, and int16 by int8, either matrix transposed, batches broadcast."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, Output, case, check, elementwise, require, strided

BATCHES = 3
"""Dimensions before the matrices'."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "adj_x" and "adj_y": which operands lie transposed."""
    check.count_inputs(inputs, 2, 2)
    a, b = inputs
    assert a is not None and b is not None
    for operand in (a, b):
        if not 2 <= len(operand.shape) <= 2 + BATCHES:
            raise Unsupported(f"it multiplies shape {operand.shape}", f"use 2 to {2 + BATCHES} dimensions")
    return {"adj_x": bool(options.get("adjX")), "adj_y": bool(options.get("adjY"))}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    check.quantized(graph, op, a, ("int8", "int16"))
    check.quantized(graph, op, b, ("int8",) if a.dtype == "int8" else ("int16", "int8"))
    check.activation(graph, op, target, (a.dtype,))
    if b.dtype != a.dtype:
        zero = b.zero_point
        require(zero == 0, graph, op, f"{b.name!r} has zero point {zero}", "convert the model again")
    computed = a.data is None or b.data is None
    hint = "fold constants before converting"
    require(computed, graph, op, "both its operands are constants", hint)
    rows, depth, columns, inner = _matrices(graph, op)
    outer = list(zip(_batches(a), _batches(b), strict=True))
    fit = depth == inner and all(m == n or 1 in (m, n) for m, n in outer) and 0 not in (*a.shape, *b.shape)
    what = f"shapes {a.shape} and {b.shape} do not fit each other"
    require(fit, graph, op, what, "reshape one of them")
    rank = max(len(a.shape), len(b.shape)) - 2
    return ((*(max(pair) for pair in outer[BATCHES - rank :]), rows, columns),)


def _matrices(graph: Graph, op: Op) -> tuple[int, int, int, int]:
    """Rows and depth of the first operand, columns and depth of the second."""
    rows, depth = graph.input(op, 0).shape[-2:][:: -1 if op.attrs["adj_x"] else 1]
    inner, columns = graph.input(op, 1).shape[-2:][:: -1 if op.attrs["adj_y"] else 1]
    return rows, depth, columns, inner


def _batches(tensor: Tensor) -> tuple[int, ...]:
    outer = tensor.shape[:-2]
    return (1,) * (BATCHES - len(outer)) + outer


def _steps(tensor: Tensor) -> tuple[int, ...]:
    """Elements from one matrix to the next, along each dimension: 0 where there is one."""
    batches = _batches(tensor)
    pitches = strided.pitches((*batches, math.prod(tensor.shape[-2:])))
    return tuple(0 if n == 1 else pitch for n, pitch in zip(batches, pitches, strict=False))


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    a, b, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    rows, depth, columns, _ = _matrices(graph, op)
    with np.errstate(all="ignore"):
        # The product of scales is rounded to float32: GetQuantizedConvolutionMultipler.
        real = float(np.float32(a.scale) * np.float32(b.scale)) / target.scale
    multiplier, shift = fixedpoint.quantize_multiplier(real) if np.isfinite(real) else (0, 63)
    reach = depth * elementwise.largest(a) * elementwise.largest(b)
    wide = a.dtype == "int16"
    fits = -31 <= shift <= 7 and reach < 2**47 if wide else reach <= (2**31 - 1) >> max(shift, 0)
    require(fits and shift <= 30, graph, op, "its sums do not fit", "check the scales of this layer")
    low, high = fixedpoint.LIMITS[target.dtype]
    params: dict[str, int | tuple[int, ...]] = {
        "batches": tuple(max(pair) for pair in zip(_batches(a), _batches(b), strict=True)),
        "a_batch": _steps(a),
        "b_batch": _steps(b),
        "rows": rows,
        "depth": depth,
        "columns": columns,
        "a_row": 1 if op.attrs["adj_x"] else depth,
        "a_depth": rows if op.attrs["adj_x"] else 1,
        "b_column": depth if op.attrs["adj_y"] else 1,
        "b_depth": 1 if op.attrs["adj_y"] else columns,
        "multiplier": fixedpoint.reduce_multiplier(multiplier) if wide else multiplier,
        "shift": 15 - shift if wide else shift,
        "a_zero_point": a.zero_point,
        "b_zero_point": b.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    kernel = "s8" if not wide else "s16" if b.dtype == "int16" else "s16_s8"
    arguments = (elementwise.operand(a), elementwise.operand(b), Output(target.name))
    return (Call("batch_matmul", f"batch_matmul_{kernel}", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    return graph.output(op).size * _matrices(graph, op)[1]


def cases() -> Iterator[Case]:
    products: list[tuple[tuple[int, ...], tuple[int, ...], bool, bool]] = [
        ((1, 5, 7), (1, 7, 4), False, False),
        ((2, 3, 4, 6), (2, 3, 5, 6), False, True),
        ((2, 1, 6, 3), (3, 6, 4), True, False),
        ((3, 5, 2), (3, 4, 5), True, True),
        ((2, 4, 5), (5, 3), False, False),
        ((1, 3, 256), (1, 256, 5), False, False),
    ]
    for i, (first, second, adj_x, adj_y), dtype in case.typed(products, "int16"):
        rng = np.random.default_rng(i)
        a = case.activation(rng, "a", first, dtype, case.scale(dtype, 0.05))
        b = case.activation(rng, "b", second, dtype, case.scale(dtype, 0.02))
        if i == 4:
            b = case.weights(rng, second, None, "b")
        outer = np.broadcast_shapes(first[:-2], second[:-2])
        shape = (*outer, first[-1 if adj_x else -2], second[-2 if adj_y else -1])
        target = case.activation(rng, "output", shape, dtype, case.scale(dtype, 0.3))
        options = {"adjX": adj_x, "adjY": adj_y}
        yield Case(f"batch_matmul_{dtype}_{i}", "BATCH_MATMUL", (a, b), target, options)


operator = Operator(("BATCH_MATMUL",), infer, calls, read, macs, cases=cases)
