# SPDX-License-Identifier: Apache-2.0
"""SignalRfft: real Fourier transforms of int16, by the steps of kissfft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.arithmetic import fourier
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Constant, Input, Operator, Output, Scratch, require, signals

KIND = "CUSTOM SIGNALRFFT"

INT16 = 7
"""TFLite's TensorType."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "size"."""
    size = signals.option(options, "fft_length", 8, 32768)
    if size & (size - 1) or options.get("T", INT16) != INT16:
        what = f"its fft_length is {size}, its type number {options.get('T')}"
        raise Unsupported(what, "tinyedge has it for int16 and powers of 2")
    return {"size": size}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    signals.arity(graph, op, ("int16",), ("int16",))
    shape, size = graph.input(op, 0).shape, op.attrs["size"]
    require(shape[-1] <= size, graph, op, f"its frame has {shape[-1]} samples of {size}", signals.AGAIN)
    return ((*shape[:-1], size + 2),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source = graph.input(op, 0)
    points = op.attrs["size"] // 2
    params = {"frames": signals.rows(source), "size": source.shape[-1], "points": points}
    arguments = (
        Input(source.name),
        Constant("order", fourier.order(points)),
        Constant("root", fourier.roots(points)),
        Constant("unfold", fourier.unfolding(points)),
        Scratch(8 * points),
        Output(graph.output(op).name),
    )
    return (Call("signal_rfft", "signal_rfft", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    """Products of a radix-4 transform and of the unfolding."""
    points: int = op.attrs["size"] // 2
    return signals.rows(graph.input(op, 0)) * points * (3 * ((points.bit_length() - 1) // 2) + 2)


operator = Operator((KIND,), infer, calls, read, macs=macs)
