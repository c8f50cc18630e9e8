# SPDX-License-Identifier: Apache-2.0
"""What operators share that gather elements at regular distances: they are one kernel."""

from __future__ import annotations

import math

from tinyedge.graph import Graph, Op
from tinyedge.ops import Call, Input, Output, check, require

DIMENSIONS = 5
"""TE_STRIDED_COPY_DIMENSIONS of firmware/kernels/strided_copy.h."""


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


def check_dimensions(graph: Graph, op: Op, counts: tuple[int, ...], steps: tuple[int, ...]) -> None:
    """Require an int8 or int16 activation as input and output, and no more dimensions than the kernel has."""
    source, target = graph.input(op, 0), graph.output(op)
    check.activation(graph, op, source, ("int8", "int16"))
    check.activation(graph, op, target, (source.dtype,))
    rank = len(merged(counts, steps))
    require(rank <= DIMENSIONS, graph, op, f"it moves {rank} dimensions", f"up to {DIMENSIONS} are possible")


def call(graph: Graph, op: Op, start: int, counts: tuple[int, ...], steps: tuple[int, ...]) -> Call:
    """Copy `counts` elements, `steps` apart in the input, from element `start` on."""
    source, target = graph.input(op, 0), graph.output(op)
    joined = merged(counts, steps)
    padded = [(1, 0)] * (DIMENSIONS - len(joined)) + joined
    params: dict[str, int | tuple[int, ...]] = {
        "start": start,
        "count": tuple(count for count, _ in padded),
        "step": tuple(step for _, step in padded),
    }
    kernel = "strided_copy_s8" if source.dtype == "int8" else "strided_copy_s16"
    return Call("strided_copy", kernel, params, (Input(source.name), Output(target.name)))
