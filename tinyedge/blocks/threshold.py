# SPDX-License-Identifier: Apache-2.0
"""Whether a score is above a level, with hysteresis: 1 from above `level` on, until it is at most `off`."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.blocks import Block, Parameters, Reals, Stream, behind
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State

KIND = "BLOCK_THRESHOLD"


class Threshold(Parameters):
    """level, off: in the score's physical units; off is `level` where it is not given.

    false_alarms: the share of normal runs that may lie above the level, which is then learnt from recordings
    of what is normal.
    """

    level: float | None = None
    off: float | None = None
    false_alarms: Annotated[float, Field(gt=0, lt=1)] = 0.01

    @property
    def unlearnt(self) -> str:
        """As Parameters."""
        return "level" if self.level is None else ""


def append(stream: Stream, wanted: Threshold, name: str) -> Stream:
    """int32 [1, 1] -> int32 [1, 1], 0 or 1; 0 until every window before it is full. The score is kept."""
    source = behind.scores(stream, "threshold", 1)
    assert wanted.level is not None
    off = wanted.level if wanted.off is None else wanted.off
    if not -math.inf < off <= wanted.level < math.inf:
        raise UsageError(
            f"block 'threshold': off = {off:g} above level = {wanted.level:g}", "off is at most the level"
        )
    attrs = {
        "on": steps(wanted.level, source),
        "off": steps(off, source),
        "warm_up": behind.warm_up(stream.graph),
        "nothing": 0,
        "level": wanted.level,
    }
    target = Tensor(name, (1, 1), "int32")
    made = stream.then(KIND.lower(), target, attrs, {"now": np.zeros(2, np.int32)})
    return behind.keeping(made, source.name)


def steps(level: float, tensor: Tensor) -> int:
    """The most steps of the tensor that are not above `level`, within its type.

    A level that is a millionth of a step below a value is that value, whose product was rounded.
    """
    low, high = LIMITS[tensor.dtype]
    found = math.floor(Fraction(level) / Fraction(tensor.scale) + Fraction(1, 10**6)) + tensor.zero_point
    return max(low, min(high, found))


def learn(values: Reals, wanted: Threshold) -> Parameters:
    """The level: of the scores of normal runs, the one that at most the share `false_alarms` lies above."""
    ordered = np.sort(values.ravel())
    above = math.floor(wanted.false_alarms * len(ordered))
    return wanted.model_copy(update={"level": float(ordered[len(ordered) - 1 - above])})


def reference(values: Reals, wanted: Threshold, stream: Stream) -> Reals:
    """Of [runs, 1]: the definition, run by run."""
    assert wanted.level is not None
    off = wanted.level if wanted.off is None else wanted.off
    warm, on, found = behind.warm_up(stream.graph), False, []
    for run, value in enumerate(values.ravel()):
        on = run >= warm and bool(value > (off if on else wanted.level))
        found.append(float(on))
    return np.array(found)[:, None]


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    return (graph.output(op).shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, now, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    params = {key: op.attrs[key] for key in ("on", "off", "warm_up")}
    arguments = (Input(source.name), State(now.name), Output(target.name))
    return (Call("threshold", "threshold_s32", params, arguments),)


block = Block(Threshold, append, reference, place="behind", learn=learn)
operator = Operator((KIND,), infer, calls)
