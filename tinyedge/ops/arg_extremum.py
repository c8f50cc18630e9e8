# SPDX-License-Identifier: Apache-2.0
"""ARG_MAX and ARG_MIN: where the largest or smallest element lies along a dimension, the first of equals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, case, check, require, view

KERNELS = {"int8": "s8", "uint8": "u8", "bool": "u8", "int16": "s16", "int32": "s32"}


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, axis = inputs
    assert source is not None and axis is not None
    return {"axis": view.resolve_axis(axis, source.shape)}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target, axis = graph.input(op, 0), graph.output(op), op.attrs["axis"]
    hint = "fold constants before converting"
    require(source.data is None, graph, op, f"{source.name!r} is a constant", hint)
    require(source.dtype in KERNELS, graph, op, f"{source.name!r} is {source.dtype}", "quantise the model")
    good = target.dtype in ("int32", "int64")
    require(good, graph, op, f"it gives {target.dtype}", "choose int32 as its output type")
    return ((*source.shape[:axis], *source.shape[axis + 1 :]),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target, axis = graph.input(op, 0), graph.output(op), op.attrs["axis"]
    params = {
        "outer": math.prod(source.shape[:axis]),
        "count": source.shape[axis],
        "inner": math.prod(source.shape[axis + 1 :]),
        "largest": int(op.kind == "arg_max"),
        "words": 2 if target.dtype == "int64" else 1,
    }
    kernel = f"arg_extremum_{KERNELS[source.dtype]}"
    return (Call("arg_extremum", kernel, params, (Input(source.name), Output(target.name))),)


def cases() -> Iterator[Case]:
    searches: list[tuple[tuple[int, ...], int, str]] = [
        ((1, 10), 1, "int32"),
        ((2, 7, 3), 1, "int64"),
        ((4, 3, 5), -1, "int64"),
        ((6, 2), 0, "int32"),
    ]
    for kind in operator.tflite:
        for i, (shape, axis, result), dtype in case.typed(searches, "int32", "uint8", "bool", "int32"):
            source = case.moved(np.random.default_rng(i), "input", shape, dtype)
            left = list(shape)
            del left[axis]
            target = Tensor("output", tuple(left), result)
            dimension = Tensor("axis", (), "int32", None, np.array(axis, np.int32))
            code = 4 if result == "int64" else 2  # TFLite's TensorType
            yield Case(f"{kind.lower()}_{dtype}_{i}", kind, (source, dimension), target, {"outputType": code})


operator = Operator(("ARG_MAX", "ARG_MIN"), infer, calls, read, cases=cases)
