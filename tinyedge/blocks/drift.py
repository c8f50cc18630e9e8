# SPDX-License-Identifier: Apache-2.0
"""Counts on the device how often values lie where, so that one can ask it whether its world has changed.

The counters are a histogram between edges that are learnt from recordings of what is normal, and an output of
the graph beside the decision; what passes is left as it is. `stability_index` compares them with what was
learnt: the population stability index of credit scoring, below 0.1 no change, above 0.25 a large one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, behind
from tinyedge.blocks.threshold import steps
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output, State

KIND = "BLOCK_DRIFT"
TYPES = {"int8": "s8", "int16": "s16", "int32": "s32"}
FULL = 2**30
"""Where all counters are halved: shares stay, and the past fades."""


class Drift(Parameters):
    """of: the network's "input" (all of its elements), the "score" at this place, or "confidence", the
    largest of the scores.

    below: the one edge, a confidence, say, below which a decision is none. bins: how many are learnt, where
    there is no `below`. edges: between them, in physical units; expected: the share of values in each; else
    learnt.
    """

    of: Literal["input", "score", "confidence"] = "score"
    below: float | None = None
    bins: Annotated[int, Field(ge=2, le=64)] = 10
    edges: tuple[float, ...] | None = None
    expected: tuple[float, ...] | None = None

    @property
    def unlearnt(self) -> str:
        """As Parameters."""
        if self.below is not None:
            return "" if self.expected is not None else "expected"
        return "" if self.edges is not None and self.expected is not None else "edges and expected"


def append(stream: Stream, wanted: Drift, name: str) -> Stream:
    """Leaves the stream's tensor; gives counters, int32 [1, bins], which the graph keeps."""
    read = stream.graph.tensors[source(stream, wanted)]
    if read.dtype not in TYPES or read.quantization is None:
        raise UsageError(f"block 'drift' counts integers, not {read.dtype}", "put it behind a score")
    if wanted.of == "confidence":
        read = behind.scores(stream, "drift")
    edges = (wanted.edges or ()) if wanted.below is None else (wanted.below,)
    rising = all(a < b for a, b in itertools.pairwise(edges))
    if not edges or not rising or len(edges) + 1 != len(wanted.expected or ()):
        raise UsageError(
            f"block 'drift': {len(edges)} edges beside {len(wanted.expected or ())} shares",
            "edges rise, and there is one share more; leave both out: they are learnt",
        )
    attrs = {
        "edges": tuple(steps(edge, read) for edge in edges),
        "expected": wanted.expected,
        "below": wanted.below,
        "largest": wanted.of == "confidence",
        "warm_up": behind.warm_up(stream.graph),
    }
    counts = Tensor(name, (1, len(edges) + 1), "int32")
    counters = {"counts": np.zeros(len(edges) + 2, np.int32)}
    made = replace(stream, tensor=read.name).then(KIND.lower(), counts, attrs, counters)
    return behind.keeping(replace(stream, graph=made.graph), name)


def learn(values: Reals, wanted: Drift, runs_an_hour: float | None = None) -> Parameters:
    """Edges at the quantiles of values [runs, ...], equal ones once, and the shares between them."""
    flat = (values.max(axis=1) if wanted.of == "confidence" else values).ravel()
    if wanted.below is not None:
        share = float((flat <= wanted.below).mean())
        return wanted.model_copy(update={"expected": (share, 1.0 - share)})
    quantiles = np.quantile(flat, np.arange(1, wanted.bins) / wanted.bins, method="inverted_cdf")
    edges = np.unique(quantiles[quantiles < flat.max()])
    if not edges.size:
        raise UsageError("block 'drift': all normal values are the same", "record what varies")
    shares = np.bincount(np.searchsorted(edges, flat), minlength=len(edges) + 1) / len(flat)
    return wanted.model_copy(update={"edges": tuple(edges.tolist()), "expected": tuple(shares.tolist())})


def stability_index(expected: Sequence[float], counts: Sequence[int]) -> float:
    """Sum of (share - expected) * ln(share / expected); an empty bin counts as half a value."""
    total = sum(counts)
    shares = [max(count, 0.5) / total for count in counts]
    pairs = zip(shares, (max(e, 0.5 / total) for e in expected), strict=True)
    return sum((share - wanted) * math.log(share / wanted) for share, wanted in pairs)


def source(stream: Stream, wanted: Drift) -> str:
    """The tensor whose values are counted."""
    return stream.fed if wanted.of == "input" else stream.tensor


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    read, kept, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    params = {"count": read.size, "bins": target.size, "warm_up": op.attrs["warm_up"], "full": FULL}
    arguments = (
        Input(read.name),
        Constant("edges", np.array(op.attrs["edges"], np.int32)),
        State(kept.name),
        Output(target.name),
    )
    largest = "largest_" if op.attrs["largest"] else ""
    return (Call("histogram", f"histogram_{largest}{TYPES[read.dtype]}", params, arguments),)


block = Block(
    Drift, append, place="behind", source=source, learn=learn, bound="counters equal numpy.histogram's"
)
operator = Operator((KIND,), infer, calls)
