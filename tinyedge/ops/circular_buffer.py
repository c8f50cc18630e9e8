# SPDX-License-Identifier: Apache-2.0
"""CIRCULAR_BUFFER: the last inputs one behind another, for convolutions over a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Tensor, alike
from tinyedge.ops import Argument, Call, Input, Operator, Output, Scratch, State, check, require, signals

KIND = "CUSTOM CIRCULAR_BUFFER"
EVERY_RUN = (5, 13, 25)
"""Slots of the buffers that TFLM takes for those of every run where a file does not say how often."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "cycles": runs from one that is whole to the next, 0 where the file does not say."""
    given = {"cycles_max": 0, **options}
    return {"cycles": signals.option(given, "cycles_max", 0, signals.WORD)}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    found = 1 if len(op.outputs) == 1 else 2
    signals.arity(graph, op, ("int8",), ("int8", "bool")[:found])
    source, target = graph.input(op, 0), graph.output(op)
    for tensor in (source, target):
        check.activation(graph, op, tensor, ("int8",))
    check.same_quantization(graph, op, source, target)
    good = len(source.shape) == len(target.shape) == 4 and source.shape[:2] == (1, 1) and target.size > 0
    what = f"it makes {list(target.shape)} from {list(source.shape)}"
    require(good, graph, op, what, "one input [1, 1, n, depth] a run is possible")
    cycles = _cycles(graph, op)
    what = f"TFLM ends {cycles - 1} of {cycles} runs at it, without any output"
    hint = "write it with its second output, which says whether a run is whole, or with cycles_max 1"
    require(found == 2 or cycles == 1, graph, op, what, hint)
    signals.state(graph, op, 1)
    shape = (1, target.shape[1], *source.shape[2:])
    return (shape,) if found == 1 else (shape, _flag(graph, op))


def _flag(graph: Graph, op: Op) -> tuple[int, ...]:
    flag = graph.output(op, 1)
    require(flag.size == 1, graph, op, f"{flag.name!r} has {flag.size} elements", "one is possible")
    return flag.shape


def _cycles(graph: Graph, op: Op) -> int:
    slots = graph.output(op).shape[1]
    return int(op.attrs["cycles"]) or (1 if slots in EVERY_RUN else 2)


def begins(graph: Graph, op: Op) -> Mapping[str, Array]:
    """Inputs of earlier runs, at first what stands for zero, and the runs since one that was whole."""
    depth = signals.source(graph, op).size
    if not op.outputs:
        raise Unsupported("it has no output", signals.AGAIN)
    target = graph.output(op)
    check.quantized(graph, op, target, ("int8",))
    kept = signals.silence(target.size - depth, "int8")
    return {"kept": alike(kept.shape, "int8", target.zero_point), "runs": alike((1,), "int32")}


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, target = graph.input(op, 0), graph.output(op)
    params = {"size": source.size, "kept": target.size - source.size, "cycles": _cycles(graph, op)}
    kept, runs = (State(signals.state(graph, op, i)) for i in (0, 1))
    whole = Output(graph.output(op, 1).name) if len(op.outputs) == 2 else Scratch(1)
    arguments: tuple[Argument, ...] = (Input(source.name), kept, runs, Output(target.name), whole)
    return (Call("circular_buffer", "circular_buffer_s8", params, arguments),)


operator = Operator((KIND,), infer, calls, read, stateful=True, begins=begins)
