# SPDX-License-Identifier: Apache-2.0
"""The mean of the last scores, exactly: their sum is kept, and the division is one of the scale."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, behind
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State

KIND = "BLOCK_MOVING_AVERAGE"


class MovingAverage(Parameters):
    """runs: as many scores, this run's included; before the first run all were 0."""

    runs: Annotated[int, Field(ge=2, le=256)]


def append(stream: Stream, wanted: MovingAverage, name: str) -> Stream:
    """Keeps the shape, int32 [1, n]."""
    source = behind.scores(stream, "moving_average")
    limit = limit_of(stream) * wanted.runs
    if limit > 2**31 - 1:
        raise UsageError(
            f"block 'moving_average': {wanted.runs} scores of up to {limit // wanted.runs:,} exceed 31 bits",
            f"average at most {(2**31 - 1) * wanted.runs // limit} of them",
        )
    target = Tensor(name, source.shape, "int32", Quantization((source.scale / wanted.runs,), (0,)))
    kept = np.zeros((wanted.runs - 1, source.size), np.int32)
    return stream.then(KIND.lower(), target, {"limit": limit}, {"kept": kept})


def limit_of(stream: Stream) -> int:
    """The largest magnitude of the stream's last tensor, as who made it says."""
    limit: int = stream.graph.makers()[stream.tensor].attrs["limit"]
    return limit


def reference(values: Reals, wanted: MovingAverage, stream: Stream) -> Reals:
    """Of [runs, n]: numpy.convolve with a box."""
    flat = values.reshape(len(values), -1)
    box = np.full(wanted.runs, 1 / wanted.runs)
    return np.stack([np.convolve(column, box)[: len(flat)] for column in flat.T], axis=1)


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.input(op, 0).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, kept, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    params = {"kept": kept.shape[0], "count": source.size}
    arguments = (Input(source.name), State(kept.name), Output(target.name))
    return (Call("moving_sum", "moving_sum_s32", params, arguments),)


def warm_up(graph: Graph, op: Op) -> int:
    """Until none of the zeros before the first run is left."""
    return graph.input(op, 1).shape[0]


block = Block(MovingAverage, append, reference, place="behind", bound="equal to its definition")
operator = Operator((KIND,), infer, calls, warm_up=warm_up)
