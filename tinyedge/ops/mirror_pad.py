# SPDX-License-Identifier: Apache-2.0
"""MIRROR_PAD: a border that repeats the inside backwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, case, check, require, strided, table_copy


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 2)
    source, sizes = inputs
    assert source is not None and sizes is not None
    rank = len(source.shape)
    if sizes.data is None or sizes.dtype not in ("int32", "int64") or sizes.shape != (rank, 2):
        raise Unsupported(f"its padding is {sizes.dtype} {sizes.shape}", "make the padding constant")
    # Mode 0 reflects at the edge's centre and does not repeat it, mode 1 does.
    skipped = 1 - int(options["mode"])
    pairs = tuple((int(before), int(after)) for before, after in sizes.data)
    for size, pair in zip(source.shape, pairs, strict=True):
        if skipped not in (0, 1) or not all(0 <= n <= size - skipped for n in pair):
            raise Unsupported(f"padding {pair} mirrors {size} elements", "use a smaller border")
    return {"pairs": pairs, "skipped": skipped}


def _indices(graph: Graph, op: Op) -> list[Array]:
    """Of every dimension: the input's indices, one after another."""
    found = []
    for size, (before, after) in zip(graph.input(op, 0).shape, op.attrs["pairs"], strict=True):
        inside = np.arange(size)
        mirrored = inside[::-1]
        skipped = op.attrs["skipped"]
        front = mirrored[size - before - skipped : size - skipped]
        found.append(np.concatenate([front, inside, mirrored[skipped : skipped + after]]))
    return found


def _tables(graph: Graph, op: Op) -> tuple[list[Array], int]:
    return table_copy.tables(graph.input(op, 0).shape, _indices(graph, op), table_copy.width(graph, op))


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    strided.check_moved(graph, op, graph.input(op, 0), graph.output(op))
    rank = len(_tables(graph, op)[0])
    hint = f"up to {table_copy.DIMENSIONS} are possible"
    require(rank <= table_copy.DIMENSIONS, graph, op, f"it has borders along {rank} dimensions", hint)
    return (tuple(len(index) for index in _indices(graph, op)),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    return (table_copy.call(graph, op, *_tables(graph, op)),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    return table_copy.distance(*_tables(graph, op))


def cases() -> Iterator[Case]:
    paddings: list[tuple[tuple[int, ...], list[tuple[int, int]], int]] = [
        ((1, 5, 4, 3), [(0, 0), (2, 3), (3, 1), (0, 0)], 0),
        ((2, 4, 3), [(1, 2), (4, 0), (2, 3)], 1),
        ((1, 7), [(0, 0), (6, 6)], 0),
    ]
    for i, (shape, pairs, mode), dtype in case.typed(paddings, "int16", "int32", "int64"):
        source = case.moved(np.random.default_rng(i), "input", shape, dtype)
        result = tuple(n + sum(pair) for n, pair in zip(shape, pairs, strict=True))
        target = Tensor("output", result, dtype, source.quantization)
        sizes = Tensor("paddings", (len(shape), 2), "int32", None, np.array(pairs, np.int32))
        yield Case(f"mirror_pad_{dtype}_{i}", "MIRROR_PAD", (source, sizes), target, {"mode": mode})


operator = Operator(("MIRROR_PAD",), infer, calls, read, distance=distance, cases=cases)
