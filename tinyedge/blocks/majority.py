# SPDX-License-Identifier: Apache-2.0
"""The decision that most of the last runs took; of equally many, the one taken last."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, behind
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State

KIND = "BLOCK_MAJORITY"


class Majority(Parameters):
    """runs: whose decisions count, this run's included; before the first run nothing was decided."""

    runs: Annotated[int, Field(ge=2, le=255)]


def append(stream: Stream, wanted: Majority, name: str) -> Stream:
    """int32 [1, 1] -> the same."""
    before = behind.decision(stream, "majority")
    kept = np.full(wanted.runs - 1, behind.nothing(before), np.int32)
    attrs = {"nothing": behind.nothing(before)}
    return stream.then(KIND.lower(), Tensor(name, (1, 1), "int32"), attrs, {"kept": kept})


def reference(values: Reals, wanted: Majority, stream: Stream) -> Reals:
    """Of [runs, 1]: numpy.unique over each window."""
    nothing = behind.nothing(behind.decision(stream, "majority"))
    padded = np.concatenate([np.full(wanted.runs - 1, nothing), values.ravel()])
    found = []
    for run in range(len(values)):
        last = padded[run : run + wanted.runs]
        taken, counts = np.unique(last, return_counts=True)
        best = taken[counts == counts.max()]
        found.append(next(value for value in last[::-1] if value in best))
    return np.array(found)[:, None]


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, kept, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    arguments = (Input(source.name), State(kept.name), Output(target.name))
    return (Call("majority", "majority_s32", {"kept": kept.size}, arguments),)


block = Block(Majority, append, reference, place="behind", bound="equal to its definition")
operator = Operator((KIND,), infer, calls)
