# SPDX-License-Identifier: Apache-2.0
"""What operators share that reduce dimensions: which ones, their kernels' walk, overlap, test shapes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Output, case, check, require, strided, view

SHAPES: tuple[tuple[tuple[int, ...], tuple[int, ...], bool], ...] = (
    # input, dimensions, whether they stay with one element
    ((1, 5, 7, 3), (1, 2), False),
    ((2, 4, 4, 40), (1, 2), True),
    ((3, 17), (-1,), False),
    ((2, 3, 4, 5), (0, 2), False),
    ((2, 3, 4, 5), (1, 3), True),
    ((4, 5), (0,), False),
    ((1, 6, 1, 9), (0, 1, 2, 3), True),
    ((2, 1100), (1,), True),
)
"""For test cases."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "axes" and "keep_dims"."""
    check.count_inputs(inputs, 2, 2)
    source, axes = inputs[0], inputs[1]
    assert source is not None and axes is not None
    if axes.dtype != "int32":
        raise Unsupported(f"its dimensions are {axes.dtype}, not int32", "convert the model again")
    stated = view.resolve_axes(view.constant_vector(axes, "axis"), source.shape)
    return {"axes": stated, "keep_dims": bool(options.get("keepDims"))}


def reduced(shape: tuple[int, ...], axes: tuple[int, ...], keep: bool) -> tuple[int, ...]:
    """`shape` without `axes`, or with one element along them."""
    return tuple(1 if i in axes else n for i, n in enumerate(shape) if keep or i not in axes)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    """The output's shape; requires elements, and dimensions that `sizes` can write down."""
    source = graph.input(op, 0)
    require(source.size > 0, graph, op, f"its input has shape {source.shape}", "convert the model again")
    hint = "split it into several, or transpose first"
    found = _walk(source.shape, op.attrs["axes"])
    require(len(found) <= 5, graph, op, "its dimensions are too scattered", hint)
    return (reduced(source.shape, op.attrs["axes"], op.attrs["keep_dims"]),)


def sizes(graph: Graph, op: Op) -> tuple[int, int, int, int, int]:
    """The input's shape as [kept, reduced, kept, reduced, kept]."""
    found = _walk(graph.input(op, 0).shape, op.attrs["axes"])
    first, second, third, fourth, fifth = (*found, *[1] * (5 - len(found)))
    return first, second, third, fourth, fifth


def _walk(shape: tuple[int, ...], axes: tuple[int, ...]) -> list[int]:
    found = [1]
    for i, n in enumerate(shape):
        if n == 1:
            continue
        if (i in axes) != (len(found) % 2 == 0):
            found.append(1)
        found[-1] *= n
    return found


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """Outputs of one outermost index are written while its inputs and those of later ones must be intact."""
    # For later indices the input is further ahead, since it has at least as many elements as the output.
    return math.prod(sizes(graph, op)[2::2]) * ITEM_SIZE[graph.output(op).dtype]


def infer_integer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    """As `infer`, of int32 that stands for itself."""
    strided.check_moved(graph, op, graph.input(op, 0), graph.output(op))
    return infer(graph, op)


def integer_call(graph: Graph, op: Op, product: bool) -> Call:
    """The product or the sum of int32."""
    params: dict[str, int | tuple[int, ...]] = {"size": sizes(graph, op), "product": int(product)}
    arguments = (Input(graph.input(op, 0).name), Output(graph.output(op).name))
    return Call("reduce_integer", "reduce_integer_s32", params, arguments)


def integer_cases(kind: str) -> Iterator[Case]:
    """Models of one such operator."""
    for i, (shape, axes, keep) in enumerate(SHAPES[2:5]):
        source = Tensor("input", shape, "int32")
        target = Tensor("output", reduced(shape, tuple(axis % len(shape) for axis in axes), keep), "int32")
        inputs = (source, case.indices("axes", *axes))
        ranges = {"input": (-3, 3) if kind == "REDUCE_PROD" else (-(2**20), 2**20)}
        yield Case(f"{kind.lower()}_int32_{i}", kind, inputs, target, {"keepDims": keep}, ranges=ranges)
