# SPDX-License-Identifier: Apache-2.0
"""SPACE_TO_BATCH_ND: pixels dealt out to batches, with a border of zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Operator, Output, require, space_batch, strided, table_copy


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    return {"blocks": space_batch.read(inputs, "paddings")}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, blocks = graph.input(op, 0), op.attrs["blocks"]
    strided.check_moved(graph, op, source, graph.output(op))
    spatial = []
    for n, block, before, after in zip(
        source.shape[1:-1], blocks.sizes, blocks.before, blocks.after, strict=True
    ):
        size = n + before + after
        what = f"{size} pixels do not divide by blocks of {block}"
        require(size % block == 0, graph, op, what, "convert the model again")
        spatial.append(size // block)
    return ((source.shape[0] * blocks.count, *spatial, source.shape[-1]),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target, blocks = graph.input(op, 0), graph.output(op), op.attrs["blocks"]
    width = table_copy.width(graph, op)
    offsets = space_batch.offsets(source.shape, target.shape, blocks, width)
    copy = table_copy.call(graph, op, offsets, source.shape[-1] * width, scatter=True)
    if not any((*blocks.before, *blocks.after)):
        return (copy,)
    zero = 0 if target.quantization is None else target.zero_point
    words = max(width // 4, 1)
    params = {"size": target.size * words, "width": width // words, "value": zero}
    return Call("fill", "fill", params, (Output(target.name),)), copy


def cases() -> Iterator[Case]:
    return space_batch.cases("SPACE_TO_BATCH_ND", to_batch=True)


operator = Operator(("SPACE_TO_BATCH_ND",), infer, calls, read, cases=cases)
