# SPDX-License-Identifier: Apache-2.0
"""MEAN: int8 and int16, over any dimensions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Input, Operator, Output, case, check, elementwise, require
from tinyedge.ops.requantize import SUM_LIMIT


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, axes = inputs[0], inputs[1]
    assert source is not None and axes is not None
    if axes.data is None or axes.dtype != "int32":
        raise Unsupported(
            f"its dimensions are not an int32 constant but {axes.dtype}", "convert the model again"
        )
    rank = len(source.shape)
    stated = [int(axis) for axis in axes.data.ravel()]
    if not all(-rank <= axis < rank for axis in stated):
        raise Unsupported(
            f"dimensions {stated} of an input of shape {source.shape}", "convert the model again"
        )
    return {"axes": tuple(sorted({axis % rank for axis in stated})), "keep_dims": bool(options["keepDims"])}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    check.activation(graph, op, source, ("int8", "int16"))
    check.activation(graph, op, target, (source.dtype,))
    require(source.size > 0, graph, op, f"its input has shape {source.shape}", "convert the model again")
    hint = "split it into several means, or transpose first"
    require(
        _sizes(source.shape, op.attrs["axes"]) is not None,
        graph,
        op,
        "its dimensions are too scattered",
        hint,
    )
    axes, keep = op.attrs["axes"], op.attrs["keep_dims"]
    return (tuple(1 if i in axes else n for i, n in enumerate(source.shape) if keep or i not in axes),)


def _sizes(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...] | None:
    """`shape` as [kept, summed, kept, summed, kept]; None where it takes more."""
    sizes = [1]
    for i, n in enumerate(shape):
        if n == 1:
            continue
        summed = i in axes
        if summed != (len(sizes) % 2 == 0):
            sizes.append(1)
        sizes[-1] *= n
    return None if len(sizes) > 5 else tuple(sizes + [1] * (5 - len(sizes)))


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    sizes = _sizes(source.shape, op.attrs["axes"])
    assert sizes is not None
    count = sizes[1] * sizes[3]
    multiplier, shift = _rescale(source.scale / target.scale, count)
    lowest, highest = fixedpoint.LIMITS[source.dtype]
    reach = count * elementwise.largest(source)
    fits = -31 <= shift <= 30 and reach <= SUM_LIMIT >> max(shift, 0)
    require(fits, graph, op, "its sums do not fit 32 bits", "take the mean of fewer elements at a time")
    params: dict[str, int | tuple[int, ...]] = {
        "size": sizes,
        "start": -source.zero_point * count,
        "multiplier": multiplier,
        "shift": shift,
        "out_zero_point": target.zero_point,
        "out_min": lowest,
        "out_max": highest,
    }
    return (
        Call("mean", f"mean_{elementwise.suffix(source)}", params, (Input(source.name), Output(target.name))),
    )


def _rescale(real: float, count: int) -> tuple[int, int]:
    """Multiplier and shift that divide by `count` too, by the rule of LiteRT's QuantizedMeanOrSum."""
    multiplier, shift = fixedpoint.quantize_multiplier(real)
    spare = max(min(count.bit_length() - 1, 32, 31 + shift), 0)
    return (multiplier << spare) // count, shift - spare


def distance(graph: Graph, op: Op, source_name: str) -> int | None:
    """Outputs of one outermost index are written while its inputs and those of later ones must be intact."""
    source, target = graph.input(op, 0), graph.output(op)
    sizes = _sizes(source.shape, op.attrs["axes"])
    assert sizes is not None
    # For later indices the input is further ahead, since it has at least as many elements as the output.
    return math.prod(sizes[2::2]) * ITEM_SIZE[target.dtype]


def cases() -> Iterator[Case]:
    shapes: tuple[tuple[tuple[int, ...], tuple[int, ...], bool], ...] = (
        ((1, 5, 7, 3), (1, 2), False),
        ((2, 4, 4, 40), (1, 2), True),
        ((1, 8, 6, 5), (2, 1), True),
        ((3, 17), (-1,), False),
        ((2, 3, 4, 5), (0, 2), False),
        ((2, 3, 4, 5), (1, 3), True),
        ((1, 6, 1, 9), (0, 1, 2, 3), True),
        ((4, 5), (0,), False),
        ((1, 1, 1, 33), (1, 2), True),
    )
    for dtype, (i, (shape, axes, keep)) in itertools.product(("int8", "int16"), enumerate(shapes)):
        rng = np.random.default_rng(i)
        summed = {axis % len(shape) for axis in axes}
        output = tuple(1 if a in summed else n for a, n in enumerate(shape) if keep or a not in summed)
        source = case.activation(rng, "input", shape, dtype, case.scale(dtype, 0.1))
        target = case.activation(rng, "output", output, dtype, case.scale(dtype, 0.03 if i % 2 else 0.15))
        indices = Tensor("axes", (len(axes),), "int32", None, np.array(axes, np.int32))
        yield Case(f"mean_{dtype}_{i}", "MEAN", (source, indices), target, {"keepDims": keep})


operator = Operator(("MEAN",), infer, calls, read, distance=distance, cases=cases)
