# SPDX-License-Identifier: Apache-2.0
"""SignalOverlapAdd: overlapping frames of int16 added up to a stream."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State, require, signals

KIND = "CUSTOM SIGNALOVERLAPADD"

INT16 = 7
"""TFLite's TensorType."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "step"."""
    if options.get("T", INT16) != INT16:
        raise Unsupported(f"its type number is {options['T']}", "tinyedge has it for int16")
    return {"step": signals.option(options, "frame_step", 1, signals.MOST)}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("int16",), ("int16",))
    shape, step = graph.input(op, 0).shape, op.attrs["step"]
    good = len(shape) >= 2 and step <= shape[-1]
    require(good, graph, op, f"it adds frames {shape} every {step} samples", signals.AGAIN)
    signals.state(graph, op, 0)
    # TFLM counts only the elements.
    made = graph.output(op).shape
    good = math.prod(made) == signals.rows(graph.input(op, 0)) * step
    require(good, graph, op, f"it makes {made} of {shape}", signals.AGAIN)
    return (made,)


def begins(graph: Graph, op: Op) -> Mapping[str, Array]:
    """Sums that later frames add to."""
    source = signals.source(graph, op)
    return {"kept": signals.silence(signals.rows(source, 2) * source.shape[-1])}


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source = graph.input(op, 0)
    params = {
        "streams": signals.rows(source, 2),
        "frames": source.shape[-2],
        "size": source.shape[-1],
        "step": op.attrs["step"],
    }
    arguments = (Input(source.name), State(signals.state(graph, op, 0)), Output(graph.output(op).name))
    return (Call("signal_overlap_add", "signal_overlap_add", params, arguments),)


operator = Operator((KIND,), infer, calls, read, stateful=True, begins=begins)
