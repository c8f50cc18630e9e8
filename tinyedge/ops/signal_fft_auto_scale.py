# SPDX-License-Identifier: Apache-2.0
"""SignalFftAutoScale: samples as large as 16 bits allow, and by how many bits they were shifted up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, require, signals

KIND = "CUSTOM SIGNALFFTAUTOSCALE"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("int16",), ("int16", "int32"))
    source = graph.input(op, 0)
    require(len(source.shape) == 1, graph, op, f"its input has shape {source.shape}", "give it one dimension")
    return (source.shape, ())


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source = graph.input(op, 0)
    arguments = (Input(source.name), Output(graph.output(op).name), Output(graph.output(op, 1).name))
    return (Call("signal_fft_auto_scale", "signal_fft_auto_scale", {"size": source.size}, arguments),)


operator = Operator((KIND,), infer, calls, read)
