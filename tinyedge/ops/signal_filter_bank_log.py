# SPDX-License-Identifier: Apache-2.0
"""SignalFilterBankLog: scaled natural logarithms of channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.arithmetic import logarithm
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output, require, signals

KIND = "CUSTOM SIGNALFILTERBANKLOG"


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "correction" and "scale"."""
    return {
        "correction": signals.option(options, "input_correction_bits", 0, 31),
        "scale": signals.option(options, "output_scale", 0, signals.WORD),
    }


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("uint32",), ("int16",))
    shape = graph.input(op, 0).shape
    require(len(shape) == 1, graph, op, f"its input has shape {shape}", "give it one dimension")
    return (shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    params = {"channels": source.size, "correction": op.attrs["correction"], "scale": op.attrs["scale"]}
    arguments = (Input(source.name), Constant("logarithm", logarithm.table()), Output(target.name))
    return (Call("signal_filter_bank_log", "signal_filter_bank_log", params, arguments),)


operator = Operator((KIND,), infer, calls, read)
