# SPDX-License-Identifier: Apache-2.0
"""SignalDelay: streams some samples later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, State, signals

KIND = "CUSTOM SIGNALDELAY"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "delay"."""
    return {"delay": signals.option(options, "delay_length", 0, signals.MOST)}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("int16",), ("int16",))
    signals.state(graph, op, 0)
    return (graph.input(op, 0).shape,)


def begins(graph: Graph, op: Op) -> Mapping[str, Array]:
    """Samples that have not come out."""
    assert op.source is not None
    delay = read(op.source.options, ())["delay"]
    return {"kept": signals.silence(signals.rows(signals.source(graph, op)) * delay)}


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source = graph.input(op, 0)
    streams = signals.rows(source)
    params = {"streams": streams, "size": source.shape[-1], "delay": op.attrs["delay"]}
    arguments = (Input(source.name), State(signals.state(graph, op, 0)), Output(graph.output(op).name))
    return (Call("signal_delay", "signal_delay", params, arguments),)


operator = Operator((KIND,), infer, calls, read, stateful=True, begins=begins)
