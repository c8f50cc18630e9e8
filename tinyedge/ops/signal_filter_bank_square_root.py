# SPDX-License-Identifier: Apache-2.0
"""SignalFilterBankSquareRoot: roots of sums, shifted down by as many bits as the samples were up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, require, signals

KIND = "CUSTOM SIGNALFILTERBANKSQUAREROOT"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    return {}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("uint64", "int32"), ("uint32",))
    source, bits = graph.input(op, 0), graph.input(op, 1)
    good = len(source.shape) == 1 and bits.size == 1 and bits.data is None
    require(good, graph, op, f"it takes {source.shape}, and bits {bits.shape}", signals.AGAIN)
    return (source.shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, bits, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    arguments = (Input(source.name), Input(bits.name), Output(target.name))
    name = "signal_filter_bank_square_root"
    return (Call(name, name, {"channels": source.size}, arguments),)


operator = Operator((KIND,), infer, calls, read)
