# SPDX-License-Identifier: Apache-2.0
"""A decision that has lasted: it changes when several runs on end took another, and is then held."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from tinyedge.blocks import Block, Parameters, Reals, Stream, behind
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State

KIND = "BLOCK_DEBOUNCE"


class Debounce(Parameters):
    """runs: on end that make a change; hold: runs that what was detected lasts at least."""

    runs: Annotated[int, Field(ge=1, le=65535)] = 2
    hold: Annotated[int, Field(ge=0, le=65535)] = 0


def append(stream: Stream, wanted: Debounce, name: str) -> Stream:
    """int32 [1, 1] -> the same."""
    before = behind.decision(stream, "debounce")
    nothing = behind.nothing(before)
    attrs = {**wanted.model_dump(), "nothing": nothing}
    now = np.array([nothing, nothing, 0, 0], np.int32)
    return stream.then(KIND.lower(), Tensor(name, (1, 1), "int32"), attrs, {"now": now})


def reference(values: Reals, wanted: Debounce, stream: Stream) -> Reals:
    """Of [runs, 1]: looks back over the last runs, from each run anew."""
    nothing = behind.nothing(behind.decision(stream, "debounce"))
    given, found, since = values.ravel(), [float(nothing)], 0
    for run in range(len(given)):
        last = given[max(0, run + 1 - wanted.runs) : run + 1]
        held = found[-1] != nothing and run - since < wanted.hold
        stable = len(last) == wanted.runs and (last == last[-1]).all() and last[-1] != found[-1]
        if stable and not held:
            since = run
            found.append(float(last[-1]))
        else:
            found.append(found[-1])
    return np.array(found[1:])[:, None]


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, now, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    params = {key: op.attrs[key] for key in ("runs", "hold", "nothing")}
    arguments = (Input(source.name), State(now.name), Output(target.name))
    return (Call("debounce", "debounce_s32", params, arguments),)


block = Block(Debounce, append, reference, place="behind", bound="equal to its definition")
operator = Operator((KIND,), infer, calls)
