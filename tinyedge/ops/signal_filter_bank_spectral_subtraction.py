# SPDX-License-Identifier: Apache-2.0
"""SignalFilterBankSpectralSubtraction: channels less an estimate of their noise, which follows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.graph import Array, Graph, Op, Tensor
from tinyedge.ops import Argument, Call, Input, Operator, Output, State, require, signals

KIND = "CUSTOM SIGNALFILTERBANKSPECTRALSUBTRACTION"
SHARES = (
    "smoothing",
    "one_minus_smoothing",
    "alternate_smoothing",
    "alternate_one_minus_smoothing",
    "min_signal_remaining",
)


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "clamping", and "even" and "odd": the fields of te_denoise, in their order."""
    found = {key: signals.option(options, key, 0, signals.WORD) for key in SHARES}
    bits = signals.option(options, "spectral_subtraction_bits", 0, 63)
    finer = signals.option(options, "smoothing_bits", 0, 31)
    signals.option(options, "num_channels", 1, signals.WORD)
    rest = (found["min_signal_remaining"], bits, finer)
    return {
        "clamping": int(bool(options.get("clamping", False))),
        "even": (found["smoothing"], found["one_minus_smoothing"], *rest),
        "odd": (found["alternate_smoothing"], found["alternate_one_minus_smoothing"], *rest),
    }


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("uint32",), ("uint32", "uint32"))
    source = graph.input(op, 0)
    channels = int(op.source.options["num_channels"]) if op.source else source.size
    good = source.shape == (channels,)
    require(good, graph, op, f"its input is {source.shape}, not [{channels}]", signals.AGAIN)
    signals.state(graph, op, 0)
    return (source.shape, source.shape)


def begins(graph: Graph, op: Op) -> Mapping[str, Array]:
    """The estimate of every channel's noise."""
    return {"noise": signals.silence(signals.source(graph, op).size, "uint32")}


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source = graph.input(op, 0)
    params = {"channels": source.size, **{key: op.attrs[key] for key in ("clamping", "even", "odd")}}
    outputs = (Output(graph.output(op, i).name) for i in (0, 1))
    arguments: tuple[Argument, ...] = (Input(source.name), State(signals.state(graph, op, 0)), *outputs)
    name = "signal_spectral_subtraction"
    return (Call(name, name, params, arguments),)


operator = Operator((KIND,), infer, calls, read, stateful=True, begins=begins)
