# SPDX-License-Identifier: Apache-2.0
"""STRIDED_SLICE: constant bounds, steps in either direction, dimensions dropped or added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Tensor
from tinyedge.ops import Case, Operator, case, check, strided, view


@dataclass(frozen=True)
class Range:
    """Indices start, start + step, ... of one dimension; `dropped` where the output does not have it."""

    start: int
    count: int
    step: int
    dropped: bool


@dataclass(frozen=True)
class Slice:
    """One entry of the bounds; a mask's bit makes it a kind of its own."""

    begin: int | None
    end: int | None
    step: int
    ellipsis: bool
    new: bool
    dropped: bool


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 4, 4)
    source, *bounds = inputs
    assert source is not None
    if options.get("offset"):
        raise Unsupported("its ends are offsets", "write the slice with plain bounds")
    vectors = [view.constant_vector(t, "range") for t in bounds if t is not None]
    if len({len(vector) for vector in vectors}) != 1:
        lengths = " and ".join(str(len(vector)) for vector in vectors)
        raise Unsupported(f"its bounds have {lengths} entries", "convert the model again")
    ranges: list[Range] = []
    shape: list[int] = []
    for entry in _expanded(options, vectors, len(source.shape)):
        if entry.new:
            shape.append(1)
            continue
        found = _range(source.shape[len(ranges)], entry)
        ranges.append(found)
        shape += [] if found.dropped else [found.count]
    pitches = strided.pitches(source.shape)
    start = sum(r.start * pitch for r, pitch in zip(ranges, pitches, strict=True))
    steps = tuple(r.step * pitch for r, pitch in zip(ranges, pitches, strict=True))
    return strided.attributes((tuple(shape), strided.Copy(start, tuple(r.count for r in ranges), steps)))


def _expanded(options: Mapping[str, Any], vectors: list[tuple[int, ...]], rank: int) -> list[Slice]:
    """The entries with an ellipsis, written or meant at the end, as the whole dimensions it stands for."""

    def mask(name: str, i: int) -> bool:
        return bool(int(options.get(name) or 0) >> i & 1)

    entries = []
    for i, (begin, end, step) in enumerate(zip(*vectors, strict=True)):
        ellipsis = mask("ellipsisMask", i)
        new = mask("newAxisMask", i) and not ellipsis
        entries.append(
            Slice(
                None if mask("beginMask", i) else begin,
                None if mask("endMask", i) else end,
                step,
                ellipsis,
                new,
                mask("shrinkAxisMask", i) and not new and not ellipsis,
            )
        )
    if sum(entry.ellipsis for entry in entries) > 1:
        raise Unsupported("it has two ellipses", "convert the model again")
    if not any(entry.ellipsis for entry in entries):
        entries.append(Slice(None, None, 1, True, False, False))
    given = sum(not entry.ellipsis and not entry.new for entry in entries)
    if given > rank:
        raise Unsupported(f"{given} ranges for {rank} dimensions", "convert the model again")
    whole = [Slice(None, None, 1, False, False, False)] * (rank - given)
    at = next(i for i, entry in enumerate(entries) if entry.ellipsis)
    return [*entries[:at], *whole, *entries[at + 1 :]]


def _range(size: int, entry: Slice) -> Range:
    """The indices of a dimension of `size`, as Python's slices count them."""
    if entry.dropped:
        begin = entry.begin or 0
        at = begin + size if begin < 0 else begin
        if entry.step < 1 or not 0 <= at < size:
            raise Unsupported(f"index {begin} of {size}", "convert the model again")
        return Range(at, 1, 1, True)
    if entry.step == 0:
        raise Unsupported("it steps by 0", "convert the model again")
    found = range(size)[entry.begin : entry.end : entry.step]
    if not found:
        raise Unsupported(
            f"nothing is left of {size} elements from {entry.begin} to {entry.end}", "convert the model again"
        )
    return Range(found.start, len(found), entry.step, False)


_Slice = tuple[tuple[int, ...], list[list[int]], dict[str, int], tuple[int, ...]]


def cases() -> Iterator[Case]:
    # input, [begin, end, steps], masks, output
    slices: list[_Slice] = [
        (
            (1, 8, 6, 2),
            [[0, 2, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]],
            {"beginMask": 0b1101, "endMask": 0b1111},
            (1, 6, 6, 2),
        ),
        ((2, 9, 7, 3), [[0, 1, -6, 0], [2, -1, 7, 2], [1, 3, 2, 1]], {}, (2, 3, 3, 2)),
        ((4, 5, 6), [[-2, 3], [0, 4], [1, 1]], {"shrinkAxisMask": 0b1}, (1, 6)),
        ((12,), [[1], [100], [4]], {}, (3,)),
        ((3, 4, 3, 4, 3), [[0, 1, 0, 1, 0], [3, 4, 3, 4, 3], [2, 2, 2, 2, 2]], {}, (2, 2, 2, 2, 2)),
        ((2, 9, 3), [[0, -2, 2], [2, 0, -9], [1, -3, -1]], {}, (2, 3, 3)),
        (
            (3, 4, 5),
            [[0, 0, 0, 1], [0, 0, 0, 4], [1, 1, 1, 2]],
            {"ellipsisMask": 0b1, "newAxisMask": 0b10, "beginMask": 0b1000, "endMask": 0b100},
            (3, 1, 4, 2),
        ),
    ]
    for i, (shape, vectors, masks, out_shape), dtype in case.typed(slices, "int16", "int32", "bool", "int64"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        names = ("begin", "end", "steps")
        bounds = (case.indices(name, *v) for name, v in zip(names, vectors, strict=True))
        target = Tensor("output", out_shape, dtype, source.quantization)
        yield Case(f"strided_slice_{dtype}_{i}", "STRIDED_SLICE", (source, *bounds), target, masks)


operator = Operator(
    ("STRIDED_SLICE",), strided.infer, strided.calls, read, distance=strided.distance, cases=cases
)
