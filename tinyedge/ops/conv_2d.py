# SPDX-License-Identifier: Apache-2.0
"""CONV_2D: int8, grouped and dilated, any stride and padding."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tinyedge import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Constant, Input, Operator, Output, case, require, requantize, window


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    source, weights = inputs[0], inputs[1]
    if source is None or weights is None or len(weights.shape) != 4:
        raise Unsupported("it needs an input and weights of four dimensions", "convert the model again")
    attrs: dict[str, Any] = window.read_window(options, source, (weights.shape[1], weights.shape[2]))
    return attrs | {"activation": int(options["fusedActivationFunction"])}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    requantize.check_activation(graph, op, source, ("int8",))
    requantize.check_activation(graph, op, target, ("int8",))
    channels, height, width, depth = weights.shape
    requantize.check_weights(graph, op, weights, channels, axis=0)
    good = depth > 0 and source.shape[3] % depth == 0 and channels % (source.shape[3] // depth) == 0
    require(good, graph, op, f"weights {weights.shape} do not fit input {source.shape}", "convert the model again")
    return ((source.shape[0], *window.window_output(op, source, (height, width)), channels),)


def call(graph: Graph, op: Op, rounding: str) -> Call:
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    assert weights.data is not None
    channels, height, width, depth = weights.shape
    flat = weights.data.reshape(channels, -1)
    bias = requantize.bias_of(graph, op, channels)
    reach = fixedpoint.reach(flat, bias, -128 - source.zero_point, 127 - source.zero_point)
    scales = requantize.effective_scales(source, weights, target)
    multiplier, shift, step = requantize.twice_rounded(graph, op, scales, reach)
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    params = window.window_params(graph, op, (height, width)) | {
        "groups": source.shape[3] // depth,
        "channel_step": step,
        "in_zero_point": source.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    folded = requantize.fold_zero_point(flat, bias, source.zero_point)
    return Call(
        "conv_2d",
        "conv_2d_s8",
        params,
        (
            Input(source.name),
            Constant("weights", weights.data, weight=True),
            Constant("bias", folded.astype(np.int32), weight=op.inputs[2:3] not in ((), (None,))),
            multiplier,
            shift,
            Output(target.name),
        ),
    )


def macs(graph: Graph, op: Op) -> int:
    return graph.output(op).size * math.prod(graph.input(op, 1).shape[1:])


def cases() -> Iterator[Case]:
    shapes = [
        # input NHWC, kernel, output channels, groups, stride, dilation, padding (0 SAME, 1 VALID), fused activation
        ((1, 5, 7, 3), (3, 3), 4, 1, (1, 1), (1, 1), 0, 0),
        ((1, 8, 6, 4), (1, 1), 8, 1, (1, 1), (1, 1), 1, 1),
        ((1, 9, 9, 1), (4, 2), 5, 1, (2, 3), (1, 1), 0, 3),
        ((2, 6, 5, 2), (3, 2), 3, 1, (2, 1), (1, 1), 1, 2),
        ((1, 9, 8, 4), (3, 3), 6, 2, (1, 2), (1, 1), 0, 0),
        ((1, 9, 8, 3), (3, 3), 4, 1, (1, 1), (2, 3), 0, 1),
        ((1, 1, 17, 6), (1, 5), 7, 1, (1, 2), (1, 1), 0, 0),
        ((1, 2, 2, 3), (5, 5), 2, 1, (1, 1), (1, 1), 0, 0),
    ]
    for i, (shape, kernel, channels, groups, stride, dilation, padding, activation) in enumerate(shapes):
        rng = np.random.default_rng(i)
        size = [
            -(-n // s) if padding == 0 else (n - window.span(k, d) + s) // s
            for n, k, s, d in zip(shape[1:3], kernel, stride, dilation, strict=True)
        ]
        yield Case(
            f"conv_2d_{i}",
            "CONV_2D",
            (
                case.activation(rng, "input", shape, "int8"),
                case.weights(rng, (channels, *kernel, shape[3] // groups), axis=0 if i % 2 else None),
                case.bias(rng, channels),
            ),
            case.activation(rng, "output", (shape[0], size[0], size[1], channels), "int8", scale=0.8),
            {
                "padding": padding,
                "strideH": stride[0],
                "strideW": stride[1],
                "dilationHFactor": dilation[0],
                "dilationWFactor": dilation[1],
                "fusedActivationFunction": activation,
            },
        )


operator = Operator(("CONV_2D",), infer, call, read, macs, window.window_distance, cases)
