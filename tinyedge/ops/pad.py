# SPDX-License-Identifier: Apache-2.0
"""PAD and PADV2: a border of zero or of a given value, int8 and int16, up to five dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, case, channels, check, require
from tinyedge.ops.channels import Channels, Kept, Range, Ranges

DIMENSIONS = 5
"""TE_PAD_DIMENSIONS of firmware/kernels/pad.h."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 3)
    source, sizes = inputs[0], inputs[1]
    assert source is not None and sizes is not None
    rank = len(source.shape)
    if (
        sizes.data is None
        or sizes.dtype not in ("int32", "int64", "int16", "int8")
        or sizes.shape != (rank, 2)
    ):
        raise Unsupported(
            f"padding of {rank} dimensions is given by {sizes.dtype} {sizes.shape}", "make it constant"
        )
    pairs = [(int(before), int(after)) for before, after in sizes.data]
    if any(not 0 <= n < 2**31 for pair in pairs for n in pair):
        raise Unsupported(f"padding {pairs}", "use padding of 0 or more")
    attrs: dict[str, Any] = {"before": tuple(b for b, _ in pairs), "after": tuple(a for _, a in pairs)}
    value = inputs[2] if len(inputs) > 2 else None
    if value is not None:
        if value.data is None or value.size != 1 or value.dtype != source.dtype:
            raise Unsupported(
                f"the value of the border is {value.dtype} {value.shape}", "make it a constant scalar"
            )
        attrs["value"] = int(value.data.reshape(()))
    return attrs


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    check.activation(graph, op, source, ("int8", "int16"))
    check.activation(graph, op, target, (source.dtype,))
    value = graph.optional_input(op, 2)
    if value is not None:
        check.quantized(graph, op, value, (target.dtype,))
        same = value.quantization == target.quantization
        require(
            same, graph, op, f"{value.name!r} is not quantised as the output is", "convert the model again"
        )
    rank = len(source.shape)
    require(1 <= rank <= DIMENSIONS, graph, op, f"its input has {rank} dimensions", f"use 1 to {DIMENSIONS}")
    return (tuple(map(sum, zip(op.attrs["before"], source.shape, op.attrs["after"], strict=True))),)


def border_value(graph: Graph, op: Op) -> int:
    """The quantised value of the border: the given one, or real zero."""
    return int(op.attrs.get("value", graph.output(op).zero_point))


def merged(
    shape: tuple[int, ...], before: tuple[int, ...], after: tuple[int, ...]
) -> list[tuple[int, int, int]]:
    """(size, before, after) of `DIMENSIONS` dimensions: one without a border joins the one outside it."""
    joined = [(1, 0, 0)]
    for size, front, back in zip(shape, before, after, strict=True):
        if front or back:
            joined.append((size, front, back))
        else:
            joined[-1] = (joined[-1][0] * size, joined[-1][1] * size, joined[-1][2] * size)
    if joined[0] == (1, 0, 0) and len(joined) > 1:
        del joined[0]
    return [(1, 0, 0)] * (DIMENSIONS - len(joined)) + joined


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    sizes, before, after = zip(*merged(source.shape, op.attrs["before"], op.attrs["after"]), strict=True)
    params: dict[str, int | tuple[int, ...]] = {
        "size": sizes,
        "before": before,
        "after": after,
        "value": border_value(graph, op),
    }
    kernel = "pad_s8" if source.dtype == "int8" else "pad_s16"
    return (Call("pad", kernel, params, (Input(source.name), Output(target.name))),)


def distance(graph: Graph, op: Op, source_name: str) -> int | None:
    """Bytes of border before the last element of the input."""
    source, target = graph.input(op, 0), graph.output(op)
    last = np.ravel_multi_index(
        [b + n - 1 for b, n in zip(op.attrs["before"], source.shape, strict=True)], target.shape
    )
    return (int(last) + 1 - source.size) * ITEM_SIZE[source.dtype]


def cases() -> Iterator[Case]:
    paddings: list[tuple[tuple[int, ...], list[tuple[int, int]]]] = [
        ((1, 5, 7, 3), [(0, 0), (1, 2), (3, 0), (0, 0)]),
        ((2, 3, 4, 5), [(1, 0), (0, 1), (2, 3), (1, 2)]),
        ((2, 3, 2, 3, 2), [(1, 2), (3, 1), (1, 1), (2, 1), (1, 2)]),
        ((6,), [(4, 3)]),
        ((3, 4), [(0, 0), (0, 0)]),
    ]
    for i, (shape, pairs) in enumerate(paddings):
        for dtype in ("int8", "int16"):
            rng = np.random.default_rng(i)
            source = case.activation(rng, "input", shape, dtype)
            out_shape = tuple(n + sum(pair) for n, pair in zip(shape, pairs, strict=True))
            target = Tensor("output", out_shape, dtype, source.quantization)
            sizes = Tensor("paddings", (len(shape), 2), "int32", None, np.array(pairs, np.int32))
            yield Case(f"pad_{dtype}_{i}", "PAD", (source, sizes), target, {})
            value = Tensor("value", (), dtype, source.quantization, np.array(-37, dtype))
            yield Case(f"padv2_{dtype}_{i}", "PADV2", (source, sizes, value), target, {})


def _adds_channels(op: Op) -> bool:
    return bool(op.attrs["before"][-1] or op.attrs["after"][-1])


def _kept(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Kept | None:
    return None if _adds_channels(op) else channels.alike(graph, op, ranges, kept)


def _range(graph: Graph, op: Op, ranges: Ranges) -> Range | None:
    if _adds_channels(op):
        return None
    return ranges[op.inputs[0] or ""].joined(border_value(graph, op))


operator = Operator(
    ("PAD", "PADV2"),
    infer,
    calls,
    read,
    distance=distance,
    cases=cases,
    channels=Channels(_kept, _range),
)
