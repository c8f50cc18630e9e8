# SPDX-License-Identifier: Apache-2.0
"""SignalFilterBank: sums of energies, each weighted into one channel and the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Argument, Call, Constant, Input, Operator, Output, require, signals

KIND = "CUSTOM SIGNALFILTERBANK"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "channels"."""
    return {"channels": signals.option(options, "num_channels", 1, 32766)}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("uint32", *("int16",) * 5), ("uint64",))
    source, channels = graph.input(op, 0), op.attrs["channels"]
    weights, unweights = (signals.constant(graph, op, i, 0).size for i in (1, 2))
    bins, starts, widths = (
        signals.constant(graph, op, i, channels + 1)[: channels + 1].astype(np.int64) for i in (3, 4, 5)
    )
    least = min(part.min() for part in (bins, starts, widths))
    inside = (bins + widths).max() <= source.size and (starts + widths).max() <= min(weights, unweights)
    good = len(source.shape) == 1 and least >= 0 and inside
    require(bool(good), graph, op, "a filter reaches beyond its bins or weights", signals.AGAIN)
    return ((channels,),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    roles = ("weights", "unweights", "bins", "starts", "widths")
    arguments: tuple[Argument, ...] = (
        Input(graph.input(op, 0).name),
        *(Constant(r, signals.constant(graph, op, i, 0), weight=True) for i, r in enumerate(roles, 1)),
        Output(graph.output(op).name),
    )
    params = {"channels": op.attrs["channels"]}
    return (Call("signal_filter_bank", "signal_filter_bank", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    """Two products a bin of a filter."""
    return 2 * int(signals.constant(graph, op, 5, 0).astype(np.int64).sum())


operator = Operator((KIND,), infer, calls, read, macs=macs)
