# SPDX-License-Identifier: Apache-2.0
"""SignalPCAN: gain control of each channel, by a table of gains over its noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output, require, signals

KIND = "CUSTOM SIGNALPCAN"

TABLE = 125
"""Gains for 0 and 1, and four numbers for each power of two up to 2^31 less the last."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "shift"."""
    return {"shift": signals.option(options, "snr_shift", 0, 63)}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("uint32", "uint32", "int16"), ("uint32",))
    source, noise = graph.input(op, 0), graph.input(op, 1)
    signals.constant(graph, op, 2, TABLE)
    good = len(source.shape) == 1 and source.shape == noise.shape and noise.data is None
    require(good, graph, op, f"it takes {source.shape}, and noise {noise.shape}", signals.AGAIN)
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, noise, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    gain = Constant("gain", signals.constant(graph, op, 2, TABLE), weight=True)
    params = {"channels": source.size, "shift": op.attrs["shift"]}
    arguments = (Input(source.name), Input(noise.name), gain, Output(target.name))
    return (Call("signal_pcan", "signal_pcan", params, arguments),)


operator = Operator((KIND,), infer, calls, read)
