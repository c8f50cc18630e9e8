# SPDX-License-Identifier: Apache-2.0
"""SignalStacker: the last frames side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Argument, Call, Input, Operator, Output, State, require, signals

KIND = "CUSTOM SIGNALSTACKER"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "channels", "left", "right" and "step"."""
    left = signals.option(options, "stacker_left_context", 0, signals.MOST)
    right = signals.option(options, "stacker_right_context", 0, signals.MOST)
    channels = signals.option(options, "num_channels", 1, signals.MOST // (left + right + 1))
    step = signals.option(options, "stacker_step", 1, left + right + 1)
    return {"channels": channels, "left": left, "right": right, "step": step}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("int16",), ("int16", "bool"))
    shape, channels = graph.input(op, 0).shape, op.attrs["channels"]
    require(shape == (channels,), graph, op, f"its input is {shape}, not [{channels}]", signals.AGAIN)
    signals.state(graph, op, 1)
    return ((channels * (op.attrs["left"] + op.attrs["right"] + 1),), ())


def begins(graph: Graph, op: Op) -> Mapping[str, Array]:
    """Frames of earlier runs, and how many runs there were."""
    assert op.source is not None
    attrs = read(op.source.options, ())
    kept = attrs["channels"] * (attrs["left"] + attrs["right"])
    return {"kept": signals.silence(kept), "seen": np.zeros(1, np.int32)}


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    params = {key: op.attrs[key] for key in ("channels", "left", "right", "step")}
    states = (State(signals.state(graph, op, i)) for i in (0, 1))
    outputs = (Output(graph.output(op, i).name) for i in (0, 1))
    arguments: tuple[Argument, ...] = (Input(graph.input(op, 0).name), *states, *outputs)
    return (Call("signal_stacker", "signal_stacker", params, arguments),)


operator = Operator((KIND,), infer, calls, read, stateful=True, begins=begins)
