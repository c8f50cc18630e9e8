# SPDX-License-Identifier: Apache-2.0
"""Whether a score is above a level, with hysteresis: 1 from above `level` on, until it is at most `off`."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field, PositiveFloat

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.blocks import Block, Parameters, Reals, Stream, behind
from tinyedge.errors import UsageError
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State

KIND = "BLOCK_THRESHOLD"


class Threshold(Parameters):
    """level, off: in the score's physical units; off is `level` where it is not given.

    false_alarms: the share of normal runs that may lie above the level, which is then learnt from recordings
    of what is normal; false_alarms_per_hour, instead of it: how often the score may rise above the level.
    """

    level: float | None = None
    off: float | None = None
    false_alarms: Annotated[float, Field(gt=0, lt=1)] = 0.01

    false_alarms_per_hour: PositiveFloat | None = None

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


def learn(values: Reals, wanted: Threshold, runs_an_hour: float | None = None) -> Parameters:
    """The level: of the scores of normal runs, the one that at most so many as wanted lie, or rise, above.

    UsageError for a rate that the recording is too short to show.
    """
    scores = values.ravel()
    if wanted.false_alarms_per_hour is None:
        above = math.floor(wanted.false_alarms * len(scores))
        level = float(np.sort(scores)[len(scores) - 1 - above])
        return wanted.model_copy(update={"level": level})
    if runs_an_hour is None:
        raise UsageError(
            "block 'threshold': false_alarms_per_hour, and nobody knows how long a run takes",
            "give `rate_hz` under [input], or record times",
        )
    hours, rate = len(scores) / runs_an_hour, wanted.false_alarms_per_hour
    if hours * rate < 1:
        raise UsageError(
            f"{rate:g} false alarms an hour cannot be told from {hours:.3g} hours of what is normal",
            f"record {1 / rate:.3g} hours or more, or give `false_alarms`, a share of runs",
        )
    return wanted.model_copy(update={"level": risen(scores, math.floor(hours * rate))})


def risen(scores: Reals, most: int) -> float:
    """The least of the scores [runs] which, as any above it, they rise above at most `most` times."""
    above = np.zeros(len(scores) + 2, np.bool_)  # with a run before and one behind that never are
    alarms = 0
    order = np.argsort(-scores, kind="stable")
    for at, run in enumerate(order.tolist()):
        # Runs above the level make stretches: this one begins its own, lengthens one, or joins two.
        alarms += 1 - int(above[run]) - int(above[run + 2])
        above[run + 1] = True
        last = at + 1 == len(order) or scores[order[at + 1]] < scores[run]
        if last and alarms > most:
            return float(scores[run])
    return float(scores[order[-1]])


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


block = Block(Threshold, append, reference, place="behind", learn=learn, bound="equal to its definition")
operator = Operator((KIND,), infer, calls)
