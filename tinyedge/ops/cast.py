# SPDX-License-Identifier: Apache-2.0
"""CAST: integers and truth values as those of another type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, check, require, strided, unary

TYPES = (*strided.MOVED, "uint32")


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 1, 1)
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    hint = "fold constants before converting"
    require(source.data is None, graph, op, f"{source.name!r} is a constant", hint)
    good = source.dtype in TYPES and target.dtype in TYPES
    require(good, graph, op, f"it makes {target.dtype} from {source.dtype}", "quantise the model")
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    params = {
        "size": source.size,
        "in_width": ITEM_SIZE[source.dtype],
        "out_width": ITEM_SIZE[target.dtype],
        "in_signed": int(source.dtype not in ("bool", "uint8", "uint32")),
        "truth": int(target.dtype == "bool"),
    }
    return (Call("cast", "cast", params, (Input(source.name), Output(target.name))),)


def cases() -> Iterator[Case]:
    pairs = [
        ("int8", "int32"),
        ("int32", "int8"),
        ("bool", "int8"),
        ("int64", "bool"),
        ("int16", "int64"),
        ("int32", "bool"),
        ("uint8", "int16"),
        ("int64", "int32"),
        ("uint32", "int32"),
        ("int32", "uint32"),
        ("uint32", "int64"),
    ]
    for before, after in pairs:
        inputs = (Tensor("input", (2, 13), before),)
        yield Case(f"cast_{before}_{after}", "CAST", inputs, Tensor("output", (2, 13), after), {})


operator = Operator(("CAST",), infer, calls, read, distance=unary.distance, cases=cases)
