# SPDX-License-Identifier: Apache-2.0
"""The last rows of a stream, overlapping from run to run: what is older than this run's rows is a state."""

from __future__ import annotations

import numpy as np
from pydantic import PositiveInt

from tinyedge.blocks import Block, Parameters, Reals, Stream, grid
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State

KIND = "BLOCK_WINDOW"


class Window(Parameters):
    """rows: as many as the next block sees; a run brings fewer, or as many."""

    rows: PositiveInt


def append(stream: Stream, wanted: Window, name: str) -> Stream:
    """[1, hop, channels] -> [1, rows, channels], the newest last; rows before the first run are zeros."""
    source = stream.last
    hop, channels = grid(source)
    if wanted.rows < hop:
        raise UsageError(
            f"a window of {wanted.rows} rows drops some of the {hop} that each run brings",
            "choose a smaller hop, or a longer window",
        )
    if wanted.rows == hop:
        return stream
    kept = np.zeros((wanted.rows - hop, channels), np.dtype(source.dtype))
    target = Tensor(name, (1, wanted.rows, channels), source.dtype, source.quantization)
    return stream.then(KIND.lower(), target, {}, {"kept": kept})


def reference(values: Reals, wanted: Window, stream: Stream) -> Reals:
    """Of [runs, hop, channels]: the definition."""
    runs, hop, channels = values.shape
    rows = np.concatenate([np.zeros((wanted.rows - hop, channels)), values.reshape(-1, channels)])
    return np.stack([rows[run * hop :][: wanted.rows] for run in range(runs)])


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)  # append made it


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, kept, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    params = {"kept": kept.size, "fresh": source.size}
    return (
        Call("window", "window_s16", params, (Input(source.name), State(kept.name), Output(target.name))),
    )


def warm_up(graph: Graph, op: Op) -> int:
    """Until no row of zeros is left in it."""
    return -(-graph.input(op, 1).size // graph.input(op, 0).size)


block = Block(Window, append, reference, bound="equal to its definition")
operator = Operator((KIND,), infer, calls, warm_up=warm_up)
