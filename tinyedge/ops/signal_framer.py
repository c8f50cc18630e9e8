# SPDX-License-Identifier: Apache-2.0
"""SignalFramer: overlapping frames of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State, require, signals

KIND = "CUSTOM SIGNALFRAMER"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "size", "step", "held" (samples that are kept), "warm_up" (frames before a valid one)."""
    step = signals.option(options, "frame_step", 1, signals.MOST)
    prefill = bool(options.get("prefill", False))
    size = signals.option(options, "frame_size", step if prefill else 1, signals.MOST)
    steps = -(-size // step)
    return {
        "size": size,
        "step": step,
        "held": size - step if prefill else (steps - 1) * step,
        "warm_up": 0 if prefill else steps - 1,
    }


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("int16",), ("int16", "bool"))
    shape, size, step = graph.input(op, 0).shape, op.attrs["size"], op.attrs["step"]
    require(shape[-1] % step == 0, graph, op, f"its frame_step {step} does not divide {shape}", signals.AGAIN)
    signals.state(graph, op, 1)
    return ((*shape[:-1], shape[-1] // step, size), ())


def begins(graph: Graph, op: Op) -> Mapping[str, Array]:
    """Samples of earlier runs, and how many frames there were."""
    assert op.source is not None
    held = read(op.source.options, ())["held"]
    streams = signals.rows(signals.source(graph, op))
    return {"kept": signals.silence(streams * held), "seen": np.zeros(1, np.int32)}


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source = graph.input(op, 0)
    params = {
        "streams": signals.rows(source),
        "frames": source.shape[-1] // op.attrs["step"],
        **{key: op.attrs[key] for key in ("size", "step", "held", "warm_up")},
    }
    states = (State(signals.state(graph, op, i)) for i in (0, 1))
    outputs = (Output(graph.output(op, i).name) for i in (0, 1))
    return (Call("signal_framer", "signal_framer", params, (Input(source.name), *states, *outputs)),)


operator = Operator((KIND,), infer, calls, read, stateful=True, begins=begins)
