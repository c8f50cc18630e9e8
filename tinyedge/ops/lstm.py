# SPDX-License-Identifier: Apache-2.0
"""UNIDIRECTIONAL_SEQUENCE_LSTM: int8 with 16-bit cells, as TensorFlow's converter writes Keras' LSTM."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Array, Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Case, Constant, Input, Operator, Output, State, case, check, require, unary

GATE_SCALE = 2.0**-12
"""Of what the gates are told."""

# Numbers of TFLite's inputs, the gates in the order input, forget, cell, output.
WEIGHTS, RECURRENT, BIAS = (1, 2, 3, 4), (5, 6, 7, 8), (12, 13, 14, 15)
STATE, MEMORY, COUNT = 18, 19, 24
TANH = 4
"""TFLite's ActivationFunctionType."""
HIDDEN = 4
"""Number of the intermediate tensor that holds the scale of a step's result."""


@dataclass(frozen=True)
class Gates:
    """Constants of the four gates, stacked: arrays as the kernel wants them, multipliers and shifts."""

    weights: Array
    bias: Array
    multipliers: tuple[int, ...]
    shifts: tuple[int, ...]


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attributes "time_major", "clip" and "hidden", the quantisation of a step's result."""
    if len(inputs) not in (MEMORY + 1, COUNT):
        raise Unsupported(f"it has {len(inputs)} inputs", "convert the model again")
    needed = (0, *WEIGHTS, *RECURRENT, *BIAS, STATE, MEMORY)
    if any(inputs[i] is None for i in needed):
        raise Unsupported("it lacks a gate", "use a plain LSTM layer with biases")
    if any(tensor is not None for i, tensor in enumerate(inputs) if i not in needed):
        raise Unsupported("it has peepholes, a projection or layer norm", "use a plain LSTM layer")
    if int(options["fusedActivationFunction"]) != TANH or options.get("diagonalRecurrentTensors"):
        raise Unsupported("its activation is not tanh", "use a plain LSTM layer")
    hidden = options.get("intermediates", ())
    if len(hidden) <= HIDDEN or hidden[HIDDEN] is None:
        raise Unsupported("it does not say the scale of its result", "quantise the whole model to int8")
    return {
        "time_major": bool(options["timeMajor"]),
        "clip": float(options["cellClip"]),
        "hidden": hidden[HIDDEN],
    }


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, target = graph.input(op, 0), graph.output(op)
    check.activation(graph, op, source, ("int8",))
    check.activation(graph, op, target, ("int8",))
    good = len(source.shape) in (2, 3)
    require(good, graph, op, f"its input has shape {source.shape}", "give it batch, time and features")
    cells = graph.input(op, WEIGHTS[0]).shape[0]
    batches = _sizes(graph, op)[0]
    for numbers, columns in ((WEIGHTS, source.shape[-1]), (RECURRENT, cells)):
        for i in numbers:
            _constant(graph, op, graph.input(op, i), "int8", (cells, columns))
            check.quantized(graph, op, graph.input(op, i), ("int8",))
    for i in BIAS:
        _constant(graph, op, graph.input(op, i), "int32", (cells,))
    for i, dtype in ((STATE, "int8"), (MEMORY, "int16")):
        kept = graph.input(op, i)
        good = kept.name in graph.states and kept.shape == (batches, cells)
        require(good, graph, op, f"{kept.name!r} {kept.shape} is no state", "convert the model again")
        check.quantized(graph, op, kept, (dtype,))
    exponent = math.log2(graph.input(op, MEMORY).scale)
    good = exponent == round(exponent) and -15 <= exponent <= -9
    require(good, graph, op, f"its cells have scale 2^{exponent:g}", "convert the model again")
    return ((*source.shape[:-1], cells),)


def _constant(graph: Graph, op: Op, tensor: Tensor, dtype: str, shape: tuple[int, ...]) -> None:
    good = tensor.data is not None and tensor.dtype == dtype and tensor.shape == shape
    what = f"{tensor.name!r} is {tensor.dtype} {tensor.shape}, not a constant {dtype} {shape}"
    require(good, graph, op, what, "quantise the whole model to int8")


def _sizes(graph: Graph, op: Op) -> tuple[int, int]:
    """Batches and steps."""
    outer = graph.input(op, 0).shape[:-1]
    if len(outer) == 1:
        return outer[0], 1
    return (outer[1], outer[0]) if op.attrs["time_major"] else (outer[0], outer[1])


def _gates(graph: Graph, op: Op, numbers: tuple[int, ...], fed: Tensor, bias: tuple[int, ...]) -> Gates:
    """The gates' weights for `fed`, its zero point folded into their bias (0 without `bias`)."""
    arrays, biases, multipliers, shifts = [], [], [], []
    for gate, number in enumerate(numbers):
        weights = graph.input(op, number)
        assert weights.data is not None
        ratio = unary.float32_ratio(weights.scale, fed.scale, by=GATE_SCALE)
        multiplier, shift = fixedpoint.quantize_multiplier(ratio) if ratio < 2**30 else (0, 31)
        start = graph.input(op, bias[gate]).data if bias else np.zeros(weights.shape[0], np.int32)
        assert start is not None
        total = start.astype(np.int64) - fed.zero_point * weights.data.astype(np.int64).sum(axis=1)
        most = np.abs(weights.data.astype(np.int64)).sum(axis=1) * 128 + np.abs(total)
        fits = -31 <= shift <= 30 and int(most.max()) <= (2**31 - 1) >> max(shift, 0)
        require(fits, graph, op, "its sums do not fit 32 bits", check.ROOM)
        arrays.append(weights.data)
        biases.append(total.astype(np.int32))
        multipliers.append(multiplier)
        shifts.append(shift)
    return Gates(np.stack(arrays), np.stack(biases), tuple(multipliers), tuple(shifts))


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    unary.require_litert(graph, op, rounding)
    source, target = graph.input(op, 0), graph.output(op)
    state, memory = graph.input(op, STATE), graph.input(op, MEMORY)
    hidden: Quantization = op.attrs["hidden"]
    fed = _gates(graph, op, WEIGHTS, source, BIAS)
    kept = _gates(graph, op, RECURRENT, state, ())
    # In double precision, then rounded to float32: PopulateQuantizedLstmParams8x8_16.
    ratio = 2.0**-15 / hidden.scale[0] * 2.0**-15
    require(ratio < 1, graph, op, f"its result has scale {hidden.scale[0]:g}", "check its scales")
    out_multiplier, out_shift = fixedpoint.quantize_multiplier(float(np.float32(ratio)))
    clip = np.clip(np.float32(op.attrs["clip"]) / np.float32(memory.scale), -32768, 32767)
    batches, steps = _sizes(graph, op)
    inputs, cells = source.shape[-1], target.shape[-1]
    major = op.attrs["time_major"]
    params: dict[str, int | tuple[int, ...]] = {
        "batches": batches,
        "steps": steps,
        "inputs": inputs,
        "cells": cells,
        "in_step": inputs * (batches if major else 1),
        "in_batch": inputs * (1 if major else steps),
        "out_step": cells * (batches if major else 1),
        "out_batch": cells * (1 if major else steps),
        "in_multiplier": fed.multipliers,
        "in_shift": fed.shifts,
        "state_multiplier": kept.multipliers,
        "state_shift": kept.shifts,
        "cell_whole": 15 + round(math.log2(memory.scale)),
        "clip": int(clip) if op.attrs["clip"] > 0 else 0,
        "out_multiplier": out_multiplier,
        "out_shift": out_shift,
        "out_zero_point": hidden.zero_point[0],
    }
    arguments = (
        Input(source.name),
        Constant("weights", fed.weights, weight=True),
        Constant("recurrent", kept.weights, weight=True),
        Constant("bias", fed.bias, weight=True),
        Constant("state_bias", kept.bias),
        State(state.name),
        State(memory.name),
        Output(target.name),
    )
    return (Call("lstm", "lstm_s8", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    batches, steps = _sizes(graph, op)
    cells = graph.output(op).shape[-1]
    return batches * steps * 4 * cells * (cells + graph.input(op, 0).shape[-1])


def cases() -> Iterator[Case]:
    # batches, steps, inputs, cells, exponent of the cells' scale, whether time comes first, clip
    layers = [
        (1, 5, 4, 6, -11, False, 0.0),
        (2, 3, 3, 40, -12, True, 0.0),
        (1, 4, 7, 3, -9, False, 3.0),
        (2, 1, 2, 9, -15, False, 0.0),
    ]
    for i, (batches, steps, inputs, cells, exponent, major, clip) in enumerate(layers):
        # Now gates that are half open, now all that they can be told.
        bias = 1 if i == 2 else 8
        yield layer(f"lstm_{i}", batches, steps, inputs, cells, exponent, major, clip, seed=i, bias=bias)


def layer(
    name: str,
    batches: int,
    steps: int,
    inputs: int,
    cells: int,
    exponent: int,
    major: bool = False,
    clip: float = 0.0,
    *,
    seed: int = 1,
    bias: int = 8,
) -> Case:
    """A layer of random weights, whose biases count `bias` times what is usual."""
    rng = np.random.default_rng(seed)
    outer = (steps, batches) if major else (batches, steps)
    source = case.activation(rng, "input", (*outer, inputs), "int8", 0.02)
    target = case.activation(rng, "output", (*outer, cells), "int8", 1 / 128)
    state = replace(target, name="state", shape=(batches, cells))
    memory = Tensor("memory", (batches, cells), "int16", Quantization((2.0**exponent,), (0,)))
    given: list[Tensor | None] = [None] * COUNT
    given[0], given[STATE], given[MEMORY] = source, state, memory
    for gate in range(4):
        given[WEIGHTS[gate]] = case.weights(rng, (cells, inputs), None, f"weights{gate}")
        given[RECURRENT[gate]] = case.weights(rng, (cells, cells), None, f"recurrent{gate}")
        start = case.bias(rng, cells, name=f"bias{gate}")
        assert start.data is not None
        given[BIAS[gate]] = replace(start, data=start.data * bias)
    gates = [Tensor(f"gate{gate}", (0,), "int16", Quantization((GATE_SCALE,), (0,))) for gate in range(4)]
    hidden = replace(target, name="hidden", shape=(0,))
    options = {"fusedActivationFunction": TANH, "timeMajor": major, "cellClip": clip}
    return Case(
        name,
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        tuple(given),
        target,
        options,
        states=("state", "memory"),
        intermediates=(*gates, hidden),
    )


operator = Operator(("UNIDIRECTIONAL_SEQUENCE_LSTM",), infer, calls, read, macs, cases=cases, stateful=True)
