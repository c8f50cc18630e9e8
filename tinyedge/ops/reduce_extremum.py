# SPDX-License-Identifier: Apache-2.0
"""REDUCE_MAX, REDUCE_MIN, and REDUCE_ANY, REDUCE_ALL, which are the same of 0 and 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, case, check, reduction, require

LOGICAL = ("reduce_any", "reduce_all")
LARGEST = ("reduce_max", "reduce_any")


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    hint = "fold constants before converting"
    require(source.data is None, graph, op, f"{source.name!r} is a constant", hint)
    wanted = ("bool",) if op.kind in LOGICAL else ("int8", "int16", "int32")
    good = source.dtype in wanted and source.dtype == target.dtype
    require(good, graph, op, f"it makes {target.dtype} from {source.dtype}", "quantise the model")
    if source.dtype in ("int8", "int16"):
        for tensor in (source, target):
            check.activation(graph, op, tensor, (source.dtype,))
        check.same_quantization(graph, op, source, target)
    return reduction.infer(graph, op)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    params: dict[str, int | tuple[int, ...]] = {
        "size": reduction.sizes(graph, op),
        "largest": int(op.kind in LARGEST),
    }
    kernel = f"reduce_extremum_s{8 * ITEM_SIZE[source.dtype]}"
    return (Call("reduce_extremum", kernel, params, (Input(source.name), Output(target.name))),)


def cases() -> Iterator[Case]:
    for kind in operator.tflite:
        logical = kind.lower() in LOGICAL
        shapes = reduction.SHAPES[3:5] if logical else reduction.SHAPES
        for i, (shape, axes, keep), dtype in case.typed(shapes, "int16", "int32"):
            if logical and dtype != "int8":
                continue
            chosen = "bool" if logical else dtype
            source = case.moved(np.random.default_rng(i), "input", shape, chosen)
            result = reduction.reduced(shape, tuple(axis % len(shape) for axis in axes), keep)
            target = Tensor("output", result, chosen, source.quantization)
            inputs = (source, case.indices("axes", *axes))
            yield Case(f"{kind.lower()}_{dtype}_{i}", kind, inputs, target, {"keepDims": keep})


operator = Operator(
    ("REDUCE_MAX", "REDUCE_MIN", "REDUCE_ANY", "REDUCE_ALL"),
    infer,
    calls,
    reduction.read,
    distance=reduction.distance,
    cases=cases,
)
