# SPDX-License-Identifier: Apache-2.0
"""STRIDED_SLICE: int8 and int16, steps forward, dimensions may be dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, case, check, strided, view


@dataclass(frozen=True)
class Range:
    """Indices start, start + step, ... of one dimension; `dropped` where the output does not have it."""

    start: int
    count: int
    step: int
    dropped: bool


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "ranges": a Range for every dimension of the input."""
    check.count_inputs(inputs, 4, 4)
    source, *bounds = inputs
    assert source is not None
    if options["ellipsisMask"] or options["newAxisMask"] or options["offset"]:
        raise Unsupported("it uses an ellipsis, a new axis or offsets", "write the slice with plain bounds")
    vectors = [view.constant_vector(t, "range") for t in bounds if t is not None]
    given = len(vectors[0])
    if given > len(source.shape) or any(len(vector) != given for vector in vectors):
        raise Unsupported(f"{given} ranges for {len(source.shape)} dimensions", "convert the model again")
    ranges = []
    for i, size in enumerate(source.shape):
        if i >= given:
            ranges.append(Range(0, size, 1, False))
            continue
        begin, end, step = (vector[i] for vector in vectors)
        masks = (bool(int(options[key]) >> i & 1) for key in ("beginMask", "endMask", "shrinkAxisMask"))
        ranges.append(_range(size, begin, end, step, *masks))
    return {"ranges": tuple(ranges)}


def _range(
    size: int, begin: int, end: int, step: int, from_first: bool, to_last: bool, dropped: bool
) -> Range:
    """The indices of a dimension of `size`, as Python's slices count them."""
    if dropped:
        begin = 0 if from_first else begin + size if begin < 0 else begin
        if step < 1 or not 0 <= begin < size:
            raise Unsupported(f"index {begin} of {size}", "convert the model again")
        return Range(begin, 1, 1, True)
    if step < 1:
        raise Unsupported(f"it steps by {step}", "use steps of 1 or more")
    found = range(size)[slice(None if from_first else begin, None if to_last else end, step)]
    if not found:
        raise Unsupported(
            f"nothing is left of {size} elements from {begin} to {end}", "convert the model again"
        )
    return Range(found.start, len(found), step, False)


def counts_and_steps(graph: Graph, op: Op) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Elements that are taken of every dimension, and their distance in the input."""
    pitches = strided.pitches(graph.input(op, 0).shape)
    ranges = op.attrs["ranges"]
    return tuple(r.count for r in ranges), tuple(
        r.step * pitch for r, pitch in zip(ranges, pitches, strict=True)
    )


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    strided.check_dimensions(graph, op, *counts_and_steps(graph, op))
    return (tuple(r.count for r in op.attrs["ranges"] if not r.dropped),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    pitches = strided.pitches(graph.input(op, 0).shape)
    start = sum(r.start * pitch for r, pitch in zip(op.attrs["ranges"], pitches, strict=True))
    return (strided.call(graph, op, start, *counts_and_steps(graph, op)),)


def distance(graph: Graph, op: Op, source_name: str) -> int | None:
    """Inputs are read in ascending order, none later than its output is written."""
    return 0


def cases() -> Iterator[Case]:
    # input, begin, end, steps, begin mask, end mask, mask of dropped dimensions, output
    slices: list[tuple[tuple[int, ...], list[list[int]], tuple[int, int, int], tuple[int, ...]]] = [
        ((1, 8, 6, 2), [[0, 2, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]], (0b1101, 0b1111, 0), (1, 6, 6, 2)),
        ((2, 9, 7, 3), [[0, 1, -6, 0], [2, -1, 7, 2], [1, 3, 2, 1]], (0, 0, 0), (2, 3, 3, 2)),
        ((4, 5, 6), [[-2, 3], [0, 4], [1, 1]], (0, 0, 0b1), (1, 6)),
        ((12,), [[1], [100], [4]], (0, 0, 0), (3,)),
        ((3, 4, 3, 4, 3), [[0, 1, 0, 1, 0], [3, 4, 3, 4, 3], [2, 2, 2, 2, 2]], (0, 0, 0), (2, 2, 2, 2, 2)),
    ]
    for i, (shape, vectors, masks, out_shape) in enumerate(slices):
        for dtype in ("int8", "int16"):
            source = case.activation(np.random.default_rng(i), "input", shape, dtype)
            bounds = tuple(
                Tensor(name, (len(vector),), "int32", None, np.array(vector, np.int32))
                for name, vector in zip(("begin", "end", "steps"), vectors, strict=True)
            )
            target = Tensor("output", out_shape, dtype, source.quantization)
            options = dict(zip(("beginMask", "endMask", "shrinkAxisMask"), masks, strict=True))
            yield Case(f"strided_slice_{dtype}_{i}", "STRIDED_SLICE", (source, *bounds), target, options)


operator = Operator(("STRIDED_SLICE",), infer, calls, read, distance=distance, cases=cases)
