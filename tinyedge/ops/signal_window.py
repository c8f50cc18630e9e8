# SPDX-License-Identifier: Apache-2.0
"""SignalWindow: frames of int16 times a window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output, require, signals

KIND = "CUSTOM SIGNALWINDOW"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "shift"."""
    return {"shift": signals.option(options, "shift", 0, 30)}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("int16", "int16"), ("int16",))
    source = graph.input(op, 0)
    size = signals.constant(graph, op, 1, 1).size
    require(size == source.shape[-1], graph, op, f"its window has {size} samples", signals.AGAIN)
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source = graph.input(op, 0)
    weights = signals.constant(graph, op, 1, 1)
    params = {"frames": signals.rows(source), "size": weights.size, "shift": op.attrs["shift"]}
    arguments = (Input(source.name), Constant("window", weights, weight=True), Output(graph.output(op).name))
    return (Call("signal_window", "signal_window", params, arguments),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """Element by element."""
    return 0


operator = Operator((KIND,), infer, calls, read, distance=distance)
