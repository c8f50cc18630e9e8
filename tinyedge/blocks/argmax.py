# SPDX-License-Identifier: Apache-2.0
"""The class with the largest score, or -1 where even that is not above a level."""

from __future__ import annotations

import numpy as np

from tinyedge.blocks import Block, Parameters, Reals, Stream, behind
from tinyedge.blocks.threshold import steps
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output

KIND = "BLOCK_ARGMAX"


class Argmax(Parameters):
    """level: what the largest score must exceed, in its physical units; None: nothing."""

    level: float | None = None


def append(stream: Stream, wanted: Argmax, name: str) -> Stream:
    """int32 [1, n] -> int32 [1, 1], the first of equal ones."""
    source = behind.scores(stream, "argmax")
    if source.size < 2:
        raise UsageError(
            "block 'argmax' takes the scores of classes, and there is one",
            'of one score `block = "threshold"` decides',
        )
    least = -(2**31) if wanted.level is None else steps(wanted.level, source)
    attrs = {"least": least, "nothing": -1, "level": wanted.level}
    return behind.keeping(stream.then(KIND.lower(), Tensor(name, (1, 1), "int32"), attrs), source.name)


def reference(values: Reals, wanted: Argmax, stream: Stream) -> Reals:
    """Of [runs, n]: numpy's."""
    flat = values.reshape(len(values), -1)
    found = flat.argmax(axis=1)
    kept = found if wanted.level is None else np.where(flat.max(axis=1) > wanted.level, found, -1)
    return kept.astype(np.float64)[:, None]


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    params = {"count": source.size, "least": op.attrs["least"]}
    return (Call("choice", "choice_s32", params, (Input(source.name), Output(target.name))),)


block = Block(Argmax, append, reference, place="behind", bound="equal to its definition")
operator = Operator((KIND,), infer, calls)
