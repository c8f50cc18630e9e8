# SPDX-License-Identifier: Apache-2.0
"""TOPK_V2: the largest elements of each row and where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, case, check, require, view

KERNELS = {"int8": "s8", "uint8": "u8", "int16": "s16", "int32": "s32"}


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "count"."""
    check.count_inputs(inputs, 2, 2)
    source, wanted = inputs
    assert source is not None and wanted is not None
    count = view.constant_vector(wanted, "count")
    if not source.shape or len(count) != 1 or not 1 <= count[0] <= source.shape[-1]:
        raise Unsupported(f"it takes {count} of shape {source.shape}", "convert the model again")
    return {"count": count[0]}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source = graph.input(op, 0)
    require(len(op.outputs) == 2, graph, op, f"it has {len(op.outputs)} outputs", "convert the model again")
    hint = "fold constants before converting"
    require(source.data is None, graph, op, f"{source.name!r} is a constant", hint)
    require(source.dtype in KERNELS, graph, op, f"{source.name!r} is {source.dtype}", "quantise the model")
    values, places = graph.output(op, 0), graph.output(op, 1)
    good = values.dtype == source.dtype and places.dtype == "int32"
    what = f"it makes {values.dtype} and {places.dtype} from {source.dtype}"
    require(good, graph, op, what, "convert the model again")
    shape = (*source.shape[:-1], op.attrs["count"])
    return (shape, shape)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source = graph.input(op, 0)
    depth = source.shape[-1]
    params = {"rows": source.size // depth, "depth": depth, "count": op.attrs["count"]}
    arguments = (Input(source.name), Output(op.outputs[0]), Output(op.outputs[1]))
    return (Call("top_k", f"top_k_{KERNELS[source.dtype]}", params, arguments),)


def cases() -> Iterator[Case]:
    rows: list[tuple[tuple[int, ...], int]] = [((1, 10), 3), ((2, 3, 40), 5), ((4, 3), 3)]
    for i, (shape, count), dtype in case.typed(rows, "int16", "int32"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        result = (*shape[:-1], count)
        values = replace(source, name="values", shape=result)
        places = Tensor("places", result, "int32")
        wanted = Tensor("count", (), "int32", None, np.array(count, np.int32))
        ranges = {"input": (-4, 3)} if i == 1 else {}
        yield Case(f"topk_{dtype}_{i}", "TOPK_V2", (source, wanted), values, {}, (places,), ranges)


operator = Operator(("TOPK_V2",), infer, calls, read, cases=cases)
