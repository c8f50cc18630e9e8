# SPDX-License-Identifier: Apache-2.0
"""What operators share that gather elements at regular distances: they are one kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyedge.graph import ITEM_SIZE, Array, Graph, Op, Tensor
from tinyedge.ops import Call, Input, Output, require

DIMENSIONS = 8
"""TE_STRIDED_COPY_DIMENSIONS of firmware/kernels/strided_copy.h: all that a TILE of four dimensions takes."""

MOVED = ("int8", "uint8", "bool", "int16", "int32", "int64")
"""Types of elements that may be moved; to a copy they are bytes."""


@dataclass(frozen=True)
class Copy:
    """What one output takes of the input: elements `start` + index * `steps`, for indices below `counts`.

    Counts and steps are of the dimensions that the copy has, outermost first, which may be more or fewer than
    those of either tensor.
    """

    start: int
    counts: tuple[int, ...]
    steps: tuple[int, ...]


def pitches(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Elements from one index to the next, for every dimension."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def merged(counts: tuple[int, ...], steps: tuple[int, ...]) -> list[tuple[int, int]]:
    """(count, step) of as few dimensions as do: those of one element go, those without a gap join."""
    joined: list[tuple[int, int]] = []
    for count, step in zip(counts, steps, strict=True):
        if joined and joined[-1][1] == count * step:
            joined[-1] = (joined[-1][0] * count, step)
        elif count != 1:
            joined.append((count, step))
    return joined


def check_moved(graph: Graph, op: Op, source: Tensor, target: Tensor) -> None:
    """Require a computed input of a type that a copy can move, and an output of the same."""
    hint = "fold constants before converting"
    require(source.data is None, graph, op, f"{source.name!r} is a constant", hint)
    require(source.dtype in MOVED, graph, op, f"{source.name!r} is {source.dtype}", "quantise the model")
    same = source.dtype == target.dtype
    require(same, graph, op, f"it makes {target.dtype} from {source.dtype}", "convert the model again")


def attributes(*outputs: tuple[tuple[int, ...], Copy], source: int = 0) -> dict[str, Any]:
    """What `read` gives: shape and copy of every output, and the number of the input that they read."""
    shapes, copies = zip(*outputs, strict=True)
    return {"shapes": shapes, "copies": copies, "source": source}


def parts(
    shape: tuple[int, ...], axis: int, sizes: tuple[int, ...], dropped: bool = False, source: int = 0
) -> dict[str, Any]:
    """What `read` gives for outputs that divide dimension `axis`, each as wide as `sizes` says.

    `dropped`: the outputs do not have that dimension.
    """
    steps = pitches(shape)
    found, start = [], 0
    for size in sizes:
        counts = (*shape[:axis], size, *shape[axis + 1 :])
        result = (*shape[:axis], *shape[axis + 1 :]) if dropped else counts
        found.append((result, Copy(start * steps[axis], counts, steps)))
        start += size
    return attributes(*found, source=source)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    """The shapes that `read` found; requires what `check_moved` does, no more dimensions than the kernel."""
    source = graph.input(op, op.attrs["source"])
    wanted = len(op.attrs["shapes"])
    what = f"it has {len(op.outputs)} outputs instead of {wanted}"
    require(len(op.outputs) == wanted, graph, op, what, "convert the model again")
    for i, copy in enumerate(op.attrs["copies"]):
        check_moved(graph, op, source, graph.output(op, i))
        rank = len(merged(copy.counts, copy.steps)) + (source.dtype == "int64")
        hint = f"up to {DIMENSIONS} are possible"
        require(rank <= DIMENSIONS, graph, op, f"it moves {rank} dimensions", hint)
    shapes: tuple[tuple[int, ...], ...] = op.attrs["shapes"]
    return shapes


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    """A copy for every output."""
    return tuple(_call(graph, op, i) for i in range(len(op.outputs)))


def _call(graph: Graph, op: Op, output: int) -> Call:
    """The copy that makes output number `output`."""
    source, target = graph.input(op, op.attrs["source"]), graph.output(op, output)
    copy: Copy = op.attrs["copies"][output]
    start, width = copy.start, ITEM_SIZE[source.dtype]
    joined = merged(copy.counts, copy.steps)
    if width == 8:  # two elements of four bytes
        start, width = 2 * start, 4
        doubled = [(n, 2 * step) for n, step in joined]
        joined = merged(*zip(*doubled, (2, 1), strict=True))
    padded = [(1, 0)] * (DIMENSIONS - len(joined)) + joined
    params: dict[str, int | tuple[int, ...]] = {
        "start": start,
        "count": tuple(count for count, _ in padded),
        "step": tuple(step for _, step in padded),
    }
    arguments = (Input(source.name), Output(target.name))
    return Call("strided_copy", f"strided_copy_s{8 * width}", params, arguments)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """Bytes by which the only output must start below the input: rows of the last dimension go in order."""
    if len(op.outputs) != 1:
        return None
    copy = op.attrs["copies"][0]
    joined = merged(copy.counts, copy.steps)
    row = 1
    if joined and joined[-1][1] == 1:
        row = joined.pop()[0]
    first = np.full(1, copy.start)
    for count, step in joined:
        first = (first[:, None] + np.arange(count) * step).reshape(-1)
    return trailing(first, row) * ITEM_SIZE[graph.output(op).dtype]


def trailing(first: Array, block: int, at_once: bool = True) -> int:
    """How far the output must start below the input when blocks are written in order, each of size `block`.

    `first` is where the inputs of each block begin, in the same unit. When block t is written, all inputs
    that later blocks need must be intact, and its own, too, unless a block is read `at_once`:
    D = max over t of (end of block t) - (first input that is needed from then on), and 0 at least.
    """
    needed = np.minimum.accumulate(first[::-1])[::-1]
    written = np.arange(1, first.size + 1) * block
    if at_once:
        needed, written = needed[1:], written[:-1]
    return max(int((written - needed).max()), 0) if needed.size else 0
