# SPDX-License-Identifier: Apache-2.0
"""SVDF: int8 with a state of 16 bits or of 8, which TFLM alone has; a filter over features, one over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Quantization, Tensor
from tinyedge.ops import Call, Case, Constant, Input, Operator, Output, State, case, check, require, unary

RELU = 1
"""TFLite's ActivationFunctionType; in int8 it is left to the output's zero point."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    """Attribute "rank": filters of a unit."""
    if len(inputs) != 5 or any(tensor is None for i, tensor in enumerate(inputs) if i != 3):
        raise Unsupported(f"it has {len(inputs)} inputs", "convert the model again")
    rank, fused = int(options["rank"]), int(options["fusedActivationFunction"])
    if rank < 1 or fused != RELU:
        raise Unsupported(f"its rank is {rank}, its activation number {fused}", "use RELU, as LiteRT does")
    return {"rank": rank}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, features, time, state = (graph.input(op, i) for i in (0, 1, 2, 4))
    bias, target, rank = graph.optional_input(op, 3), graph.output(op), op.attrs["rank"]
    check.activation(graph, op, source, ("int8",))
    check.activation(graph, op, target, ("int8",))
    check.quantized(graph, op, features, ("int8",))
    check.quantized(graph, op, time, ("int16", "int8"))
    check.quantized(graph, op, state, (time.dtype,))
    symmetric = features.zero_point == time.zero_point == 0
    require(symmetric, graph, op, "its weights have a zero point", "convert the model again")
    good = len(source.shape) == len(features.shape) == len(time.shape) == 2
    shapes = f"{source.shape}, {features.shape} and {time.shape}"
    hint = "convert the model again"
    require(good, graph, op, f"it takes shapes {shapes}", hint)
    (batches, inputs), (filters, columns), (rows, memory) = source.shape, features.shape, time.shape
    good = inputs == columns and filters == rows and filters % rank == 0 and memory > 0
    require(good, graph, op, f"shapes {shapes} do not fit rank {rank}", hint)
    constant = features.data is not None and time.data is not None
    constant = constant and (bias is None or bias.data is not None)
    require(constant, graph, op, "its weights are computed", "make them constant")
    units = filters // rank
    good = bias is None or (bias.dtype == "int32" and bias.shape == (units,))
    require(good, graph, op, f"its bias does not fit {units} units", hint)
    kept = state.name in graph.states and state.shape == (batches, filters * memory)
    require(kept, graph, op, f"{state.name!r} {state.shape} is no state", hint)
    return ((batches, units),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, features, time, state = (graph.input(op, i) for i in (0, 1, 2, 4))
    bias, target = graph.optional_input(op, 3), graph.output(op)
    assert features.data is not None and time.data is not None
    what = "its state has 8 bits, which TFLM has and LiteRT does not"
    known = time.dtype == "int16" or rounding == "tflm"
    require(known, graph, op, what, 'build with the rounding "tflm", so that all layers are TFLM\'s')
    first = unary.float32_ratio(source.scale, features.scale, by=state.scale)
    second = unary.float32_ratio(state.scale, time.scale, by=target.scale)
    possible = first < 2**30 and second < 1
    require(possible, graph, op, "its sums do not fit 32 bits", check.ROOM)
    feature_multiplier, feature_shift = fixedpoint.quantize_multiplier(first)
    multiplier, shift = fixedpoint.quantize_multiplier(second)
    sums = features.data.astype(np.int64)
    folded = -source.zero_point * sums.sum(axis=1)
    most = int((np.abs(sums).sum(axis=1) * 128 + np.abs(folded)).max())
    fits = feature_shift <= 30 and most <= (2**31 - 1) >> max(feature_shift, 0) and shift <= 0
    require(fits, graph, op, "its sums do not fit 32 bits", check.ROOM)
    batches, inputs = source.shape
    params = {
        "batches": batches,
        "inputs": inputs,
        "units": target.shape[1],
        "rank": op.attrs["rank"],
        "memory": time.shape[1],
        "feature_multiplier": feature_multiplier,
        "feature_shift": feature_shift,
        "multiplier": multiplier,
        "shift": shift,
        "state_zero_point": state.zero_point,
        "out_zero_point": target.zero_point,
    }
    start = np.zeros(target.shape[1], np.int32) if bias is None or bias.data is None else bias.data
    # The zero point of the state goes into the bias; sums wrap around at 32 bits.
    over_time = time.data.astype(np.int64).sum(axis=1).reshape(target.shape[1], -1).sum(axis=1)
    start = (start.astype(np.int64) - state.zero_point * over_time).astype(np.int32)
    arguments = (
        Input(source.name),
        Constant("features", features.data, weight=True),
        Constant("feature_bias", folded.astype(np.int32)),
        Constant("time", time.data, weight=True),
        Constant("bias", start, weight=bias is not None),
        State(state.name),
        Output(target.name),
    )
    return (Call("svdf", "svdf_s8" if time.dtype == "int16" else "svdf_s8_narrow", params, arguments),)


def macs(graph: Graph, op: Op) -> int:
    return graph.input(op, 0).shape[0] * (graph.input(op, 1).size + graph.input(op, 2).size)


def cases() -> Iterator[Case]:
    layers = [(1, 6, 4, 1, 8), (2, 5, 3, 2, 4), (1, 3, 2, 1, 1)]
    for i, (batches, inputs, units, rank, memory) in enumerate(layers):
        rng = np.random.default_rng(i)
        filters = units * rank
        source = case.activation(rng, "input", (batches, inputs), "int8", 0.05)
        features = case.weights(rng, (filters, inputs), None, "features")
        numbers = rng.integers(-9000, 9000, (filters, memory), np.int16)
        time = Tensor("time", (filters, memory), "int16", Quantization((2.0**-14,), (0,)), numbers)
        state = Tensor("state", (batches, filters * memory), "int16", Quantization((2.0**-11,), (0,)))
        target = case.activation(rng, "output", (batches, units), "int8", 0.02)
        bias = replace(case.bias(rng, units)) if i else None
        yield Case(
            f"svdf_{i}",
            "SVDF",
            (source, features, time, bias, state),
            target,
            {"rank": rank, "fusedActivationFunction": RELU},
            states=("state",),
        )


operator = Operator(("SVDF",), infer, calls, read, macs, cases=cases, stateful=True)
