# SPDX-License-Identifier: Apache-2.0
"""SignalEnergy: energies of complex bins of int16."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Input, Operator, Output, require, signals

KIND = "CUSTOM SIGNALENERGY"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "first" and "end": bins that are computed."""
    first = signals.option(options, "start_index", 0, signals.WORD)
    return {"first": first, "end": signals.option(options, "end_index", first, signals.WORD)}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("int16",), ("uint32",))
    shape = graph.input(op, 0).shape
    good = len(shape) == 1 and shape[0] % 2 == 0 and op.attrs["end"] <= shape[0] // 2
    require(good, graph, op, f"its input is {shape}, its end_index {op.attrs['end']}", signals.AGAIN)
    return ((shape[0] // 2,),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    params = {"bins": target.size, "first": op.attrs["first"], "end": op.attrs["end"]}
    return (Call("signal_energy", "signal_energy", params, (Input(source.name), Output(target.name))),)


def distance(graph: Graph, op: Op, source: str) -> int | None:
    """Bin by bin, of the same size."""
    return 0


def macs(graph: Graph, op: Op) -> int:
    return graph.input(op, 0).size


operator = Operator((KIND,), infer, calls, read, macs=macs, distance=distance)
