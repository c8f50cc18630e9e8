# SPDX-License-Identifier: Apache-2.0
"""DYNAMIC_UPDATE_SLICE: a tensor with a block of it replaced, at a place that is computed or not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import (
    Argument,
    Call,
    Case,
    Constant,
    Input,
    Operator,
    Output,
    case,
    check,
    elementwise,
    require,
    strided,
)

DIMENSIONS = 6
"""TE_UPDATE_SLICE_DIMENSIONS of firmware/kernels/update_slice.h."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 3, 3)
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    whole, block, start, target = *(graph.input(op, i) for i in range(3)), graph.output(op)
    good = whole.dtype == block.dtype == target.dtype and whole.dtype in strided.MOVED
    what = f"it makes {target.dtype} from {whole.dtype} and {block.dtype}"
    require(good, graph, op, what, "quantise the model")
    rank = len(whole.shape)
    fits = rank == len(block.shape) and all(map(int.__le__, block.shape, whole.shape))
    require(fits and block.size > 0, graph, op, f"{block.shape} is no part of {whole.shape}", "reshape it")
    require(rank <= DIMENSIONS, graph, op, f"it has {rank} dimensions", f"up to {DIMENSIONS} are possible")
    good = start.dtype in ("int32", "int64") and start.shape == (rank,)
    require(good, graph, op, f"its place is {start.dtype} {start.shape}", "give one int32 a dimension")
    computed = any(tensor.data is None for tensor in (whole, block, start))
    require(computed, graph, op, "all its operands are constants", "fold constants before converting")
    return (whole.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    whole, block, start, target = *(graph.input(op, i) for i in range(3)), graph.output(op)
    width = ITEM_SIZE[target.dtype]
    pitches = [pitch * width for pitch in strided.pitches(whole.shape)]
    # Dimensions that the block has whole make longer rows; one that it has in part is the last of a row.
    inner = len(whole.shape)
    while inner > 0 and (inner == len(whole.shape) or block.shape[inner] == whole.shape[inner]):
        inner -= 1
    row = math.prod(block.shape[inner:]) * width
    counts = [*block.shape[:inner], *(1 for _ in block.shape[inner:])]
    unused = DIMENSIONS - len(counts)
    last = [a - b for a, b in zip(whole.shape, block.shape, strict=True)]
    wide = start.data is None and start.dtype == "int64"
    params: dict[str, int | tuple[int, ...]] = {
        "size": whole.nbytes,
        "rows": block.nbytes // row,
        "row": row,
        "words": 2 if wide else 1,
        "count": (*counts, *(1,) * unused),
        "pitch": (*pitches, *(0,) * unused),
        "last": (*last, *(0,) * unused),
    }
    place: Argument = Input(start.name)
    if start.data is not None:
        place = Constant("start", np.clip(start.data, 0, last).astype(np.int32))
    arguments = (
        elementwise.operand(whole, "whole"),
        elementwise.operand(block, "block"),
        place,
        Output(target.name),
    )
    return (Call("update_slice", "update_slice", params, arguments),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """The whole is read before anything is written; the rest after that."""
    others = (op.inputs[1], op.inputs[2])
    return 0 if source == op.inputs[0] and source not in others else None


def cases() -> Iterator[Case]:
    updates: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...] | None]] = [
        ((5, 4), (2, 4), None),
        ((3, 4, 5), (2, 3, 2), None),
        ((2, 6, 3), (1, 2, 3), (1, 9, 0)),
        ((1, 8, 2, 3), (1, 1, 2, 3), None),
    ]
    for i, (shape, part, constant), dtype in case.typed(updates, "int16", "int32", "int64", "bool"):
        whole = case.moved(np.random.default_rng(i), "whole", shape, dtype)
        block = Tensor("block", part, dtype, whole.quantization)
        data = None if constant is None else np.array(constant, np.int32)
        start = Tensor("start", (len(shape),), "int32" if i else "int64", None, data)
        target = Tensor("output", shape, dtype, whole.quantization)
        inputs = (whole, block, start)
        ranges = {"start": (-1, 4)}
        yield Case(f"update_{dtype}_{i}", "DYNAMIC_UPDATE_SLICE", inputs, target, {}, ranges=ranges)


operator = Operator(("DYNAMIC_UPDATE_SLICE",), infer, calls, read, distance=distance, cases=cases)
