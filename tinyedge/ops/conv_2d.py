# SPDX-License-Identifier: Apache-2.0
"""CONV_2D: int8 and int16x8, grouped and dilated, any stride and padding."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import (
    Call,
    Case,
    Operator,
    case,
    check,
    requantize,
    require,
    summed_channels,
    uint8_weights,
    window,
)
from tinyedge.ops.case import Window


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 3)
    source, weights = inputs[0], inputs[1]
    assert source is not None and weights is not None
    if len(weights.shape) != 4:
        raise Unsupported(f"weights of shape {weights.shape}", "convert the model again")
    attrs: dict[str, Any] = window.read_window(options, source, (weights.shape[1], weights.shape[2]))
    attrs |= requantize.read_bias_type(options)
    return attrs | {"activation": int(options["fusedActivationFunction"])}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, weights = graph.input(op, 0), graph.input(op, 1)
    channels, height, width, depth = weights.shape
    requantize.check_layer(graph, op, channels, axis=0)
    groups = source.shape[3] // depth if depth > 0 and source.shape[3] % depth == 0 else 0
    good = groups > 0 and channels > 0 and channels % groups == 0
    require(
        good, graph, op, f"weights {weights.shape} do not fit input {source.shape}", "convert the model again"
    )
    return ((source.shape[0], *window.window_output(graph, op, (height, width)), channels),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    assert weights.data is not None
    channels, height, width, depth = weights.shape
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    params = window.window_params(graph, op, (height, width)) | {
        "groups": source.shape[3] // depth,
        "in_zero_point": source.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    held = uint8_weights.symmetric(weights)
    if held is None:
        return (uint8_weights.call(graph, op, params, weights.data),)
    return (requantize.convolution(graph, op, "conv_2d", params, held, held.reshape(channels, -1)),)


def macs(graph: Graph, op: Op) -> int:
    return graph.output(op).size * math.prod(graph.input(op, 1).shape[1:])


SHAPES = (
    # window, output channels, groups
    (Window((1, 5, 7, 3), (3, 3)), 4, 1),
    (Window((1, 8, 6, 4), (1, 1), padding=1, activation=1), 8, 1),
    (Window((1, 9, 9, 1), (4, 2), stride=(2, 3), activation=3), 5, 1),
    (Window((2, 6, 5, 2), (3, 2), stride=(2, 1), padding=1, activation=2), 3, 1),
    (Window((1, 9, 8, 4), (3, 3), stride=(1, 2)), 6, 2),
    (Window((1, 9, 8, 3), (3, 3), dilation=(2, 3), activation=1), 4, 1),
    (Window((1, 1, 17, 6), (1, 5), stride=(1, 2)), 7, 1),
    (Window((1, 2, 2, 3), (5, 5)), 2, 1),
    (Window((1, 2, 1, 3), (2, 2), dilation=(3, 4)), 2, 1),
    (Window((1, 3, 3, 96), (3, 3)), 2, 1),
)
BIAS_TYPES = {"int8": ("int32",), "int16": ("int64", "int32")}


def cases() -> Iterator[Case]:
    for dtype, bias_types in BIAS_TYPES.items():
        for bias, (i, shape) in itertools.product(bias_types, enumerate(SHAPES)):
            yield _case(f"conv_2d_{dtype}_{bias}_{i}", np.random.default_rng(i), dtype, bias, *shape)
    for which, zero_point in (("lowest", -128), ("highest", 127)):
        name = f"conv_2d_{which}_zero_point"
        yield _case(name, np.random.default_rng(9), "int8", "int32", *SHAPES[0], zero_point=zero_point)
    yield case.dead(_case("conv_2d", np.random.default_rng(9), "int8", "int32", *SHAPES[2]))


def _case(
    name: str,
    rng: np.random.Generator,
    dtype: str,
    bias: str,
    place: Window,
    channels: int,
    groups: int,
    zero_point: int | None = None,
) -> Case:
    shape = (channels, *place.kernel, place.shape[3] // groups)
    inputs = (
        case.activation(
            rng, "input", place.shape, dtype, case.scale(dtype, 0.1, place.activation), zero_point
        ),
        case.weights(rng, shape, axis=0 if channels % 2 else None),
        case.bias(rng, channels, bias),
    )
    scale = case.scale(dtype, 0.8, place.activation)
    target = case.activation(rng, "output", (*place.output, channels), dtype, scale, zero_point)
    options = place.convolution_options
    if bias == "int32" and dtype == "int16":
        options["quantizedBiasType"] = 2
    return Case(name, "CONV_2D", inputs, target, options)


operator = Operator(
    ("CONV_2D",),
    infer,
    calls,
    read,
    macs,
    window.window_distance,
    window.window_rise,
    cases,
    channels=summed_channels.layer(summed_channels.rounded_twice),
)
