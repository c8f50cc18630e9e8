# SPDX-License-Identifier: Apache-2.0
"""ONE_HOT: one constant at the place that an index names, another everywhere else."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, check, elementwise, require

MADE = ("int8", "uint8", "bool", "int32", "int64")
"""Types that LiteRT's kernel makes."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "axis", from the front, and "depth"."""
    check.count_inputs(inputs, 4, 4)
    index, depth = inputs[0], inputs[1]
    assert index is not None and depth is not None
    if depth.data is None or depth.size != 1:
        raise Unsupported("its depth is computed", "make it constant")
    axis = int(options.get("axis", -1))
    rank = len(index.shape)
    if not -1 <= axis <= rank:
        raise Unsupported(f"its axis is {axis} in {rank} dimensions", "convert the model again")
    return {"axis": rank if axis == -1 else axis, "depth": int(depth.data.reshape(-1)[0])}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    index, on, off, target = graph.input(op, 0), graph.input(op, 2), graph.input(op, 3), graph.output(op)
    good = index.dtype in ("int32", "int64") and index.data is None
    require(good, graph, op, f"its indices are {index.dtype}", "give computed indices as int32")
    good = on.dtype == off.dtype == target.dtype and target.dtype in MADE
    what = f"it makes {target.dtype} from {on.dtype} and {off.dtype}"
    require(good, graph, op, what, f"LiteRT makes {', '.join(MADE)}")
    single = on.data is not None and off.data is not None and on.size == off.size == 1
    require(single, graph, op, "its values are computed", "make them constant")
    axis = op.attrs["axis"]
    return ((*index.shape[:axis], op.attrs["depth"], *index.shape[axis:]),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    index, target = graph.input(op, 0), graph.output(op)
    axis = op.attrs["axis"]
    params = {
        "outer": math.prod(index.shape[:axis]),
        "depth": op.attrs["depth"],
        "inner": math.prod(index.shape[axis:]),
        "width": ITEM_SIZE[target.dtype],
        "words": ITEM_SIZE[index.dtype] // 4,
    }
    values = (elementwise.operand(graph.input(op, i), role) for i, role in ((2, "on"), (3, "off")))
    return (Call("one_hot", "one_hot", params, (Input(index.name), *values, Output(target.name))),)


def cases() -> Iterator[Case]:
    for i, dtype in enumerate(MADE):
        shape, axis = (((5,), -1), ((2, 3), 1), ((4, 2), 0))[i % 3]
        index = Tensor("input", shape, "int64" if i == 2 else "int32")
        depth = Tensor("depth", (), "int32", None, np.array(6, np.int32))
        on, off = (
            Tensor(name, (), dtype, None, np.array(value, dtype))
            for name, value in (("on", 1 if dtype == "bool" else 7), ("off", 0))
        )
        result = list(shape)
        result.insert(axis % (len(shape) + 1), 6)
        target = Tensor("output", tuple(result), dtype)
        inputs = (index, depth, on, off)
        yield Case(f"one_hot_{dtype}", "ONE_HOT", inputs, target, {"axis": axis}, ranges={"input": (-2, 7)})


operator = Operator(("ONE_HOT",), infer, calls, read, cases=cases)
