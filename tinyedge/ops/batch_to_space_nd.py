# SPDX-License-Identifier: Apache-2.0
"""BATCH_TO_SPACE_ND: batches laid out as pixels, the border cropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, require, space_batch, strided, table_copy


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    return {"blocks": space_batch.read(inputs, "crops")}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, blocks = graph.input(op, 0), op.attrs["blocks"]
    strided.check_moved(graph, op, source, graph.output(op))
    what = f"{source.shape[0]} batches do not divide by blocks of {blocks.count}"
    require(source.shape[0] % blocks.count == 0, graph, op, what, "convert the model again")
    spatial = [
        n * block - before - after
        for n, block, before, after in zip(
            source.shape[1:-1], blocks.sizes, blocks.before, blocks.after, strict=True
        )
    ]
    require(min(spatial) > 0, graph, op, "its crops leave nothing", "convert the model again")
    return ((source.shape[0] // blocks.count, *spatial, source.shape[-1]),)


def _offsets(graph: Graph, op: Op) -> tuple[list[Array], int]:
    source, target = graph.input(op, 0), graph.output(op)
    width = table_copy.width(graph, op)
    found = space_batch.offsets(target.shape, source.shape, op.attrs["blocks"], width)
    return found, target.shape[-1] * width


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    return (table_copy.call(graph, op, *_offsets(graph, op)),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    return table_copy.distance(*_offsets(graph, op))


def cases() -> Iterator[Case]:
    return space_batch.cases("BATCH_TO_SPACE_ND", to_batch=False)


operator = Operator(("BATCH_TO_SPACE_ND",), infer, calls, read, distance=distance, cases=cases)
