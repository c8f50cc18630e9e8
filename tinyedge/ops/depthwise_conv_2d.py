# SPDX-License-Identifier: Apache-2.0
"""DEPTHWISE_CONV_2D: int8 and int16x8, any depth multiplier, stride, dilation and padding."""

from __future__ import annotations

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
from tinyedge.ops.channels import Channels, Cut, Kept, Range, Ranges, slice_of


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 3)
    source, weights = inputs[0], inputs[1]
    assert source is not None and weights is not None
    if len(weights.shape) != 4 or weights.shape[0] != 1:
        raise Unsupported(f"weights of shape {weights.shape}", "convert the model again")
    attrs: dict[str, Any] = window.read_window(options, source, (weights.shape[1], weights.shape[2]))
    stated = int(options["depthMultiplier"])
    # LiteRT goes by the shapes for int8 and by this number for int16; they may not differ.
    if source.dtype == "int16" and stated * source.shape[3] != weights.shape[3]:
        raise Unsupported(f"depth multiplier {stated} for weights {weights.shape}", "convert the model again")
    return attrs | {"activation": int(options["fusedActivationFunction"]), "bias": "int64"}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, weights = graph.input(op, 0), graph.input(op, 1)
    _, height, width, channels = weights.shape
    requantize.check_layer(graph, op, channels, axis=3)
    good = source.shape[3] > 0 and channels > 0 and channels % source.shape[3] == 0
    require(
        good, graph, op, f"weights {weights.shape} do not fit input {source.shape}", "convert the model again"
    )
    return ((source.shape[0], *window.window_output(graph, op, (height, width)), channels),)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    assert weights.data is not None
    _, height, width, channels = weights.shape
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    params = window.window_params(graph, op, (height, width)) | {
        "in_zero_point": source.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    held = uint8_weights.symmetric(weights)
    if held is None:
        taps = weights.data[0].transpose(2, 0, 1)[..., np.newaxis]
        return (uint8_weights.call(graph, op, params | {"groups": source.shape[3]}, taps),)
    params |= {"multiplier": channels // source.shape[3]}
    taps = held.reshape(-1, channels).T
    return (requantize.convolution(graph, op, "depthwise_conv_2d", params, held, taps),)


def macs(graph: Graph, op: Op) -> int:
    return graph.output(op).size * math.prod(graph.input(op, 1).shape[1:3])


SHAPES = (
    # window, depth multiplier
    (Window((1, 5, 7, 3), (3, 3)), 1),
    (Window((1, 6, 6, 40), (3, 3), stride=(2, 2), activation=1), 1),
    (Window((1, 9, 9, 1), (4, 2), stride=(2, 3), activation=3), 5),
    (Window((2, 6, 5, 2), (3, 2), stride=(2, 1), padding=1, activation=2), 3),
    (Window((1, 4, 3, 1), (3, 3), padding=1), 70),
    (Window((1, 9, 8, 4), (3, 3), dilation=(2, 3), activation=1), 1),
    (Window((1, 9, 8, 2), (3, 3), dilation=(2, 1), padding=1), 2),
    (Window((1, 2, 2, 3), (5, 5)), 1),
    (Window((1, 2, 1, 3), (2, 2), dilation=(3, 4)), 1),
    (Window((1, 25, 1, 64), (10, 4), stride=(2, 2)), 1),
    (Window((1, 4, 4, 33), (1, 1)), 1),
)


def cases() -> Iterator[Case]:
    for dtype in ("int8", "int16"):
        for i, (shape, multiplier) in enumerate(SHAPES):
            yield _case(f"depthwise_conv_2d_{dtype}_{i}", np.random.default_rng(i), dtype, shape, multiplier)
    for which, zero_point in (("lowest", -128), ("highest", 127)):
        name = f"depthwise_conv_2d_{which}_zero_point"
        yield _case(name, np.random.default_rng(9), "int8", *SHAPES[0], zero_point=zero_point)
    even = next(shape for shape in SHAPES if shape[0].shape[3] * shape[1] % 2 == 0)
    yield case.dead(_case("depthwise_conv_2d", np.random.default_rng(9), "int8", *even))


def _case(
    name: str,
    rng: np.random.Generator,
    dtype: str,
    place: Window,
    multiplier: int,
    zero_point: int | None = None,
) -> Case:
    channels = place.shape[3] * multiplier
    inputs = (
        case.activation(
            rng, "input", place.shape, dtype, case.scale(dtype, 0.1, place.activation), zero_point
        ),
        case.weights(rng, (1, *place.kernel, channels), axis=None if channels % 2 else 3),
        case.bias(rng, channels, "int32" if dtype == "int8" else "int64"),
    )
    scale = case.scale(dtype, 0.4, place.activation)
    target = case.activation(rng, "output", (*place.output, channels), dtype, scale, zero_point)
    options = place.convolution_options | {"depthMultiplier": multiplier}
    return Case(name, "DEPTHWISE_CONV_2D", inputs, target, options)


def _kept(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Kept | None:
    source, target = graph.input(op, 0).name, graph.output(op).name
    groups = kept[target].reshape(kept[source].size, -1)
    chosen = kept[source] | groups.any(axis=1)
    return {source: chosen, target: np.repeat(chosen, groups.shape[1])}


def _range(graph: Graph, op: Op, ranges: Ranges) -> Range | None:
    weights = graph.input(op, 1)
    taps = uint8_weights.centred(weights).reshape(-1, weights.shape[3]).T
    given = summed_channels.inputs_range(graph, op, ranges[op.inputs[0] or ""])
    multiplier = len(taps) // given.low.size
    low, high = (np.repeat(end, multiplier) for end in (given.low, given.high))
    up, down = (part.astype(np.int64) for part in summed_channels.by_sign(taps))
    sums = Range(up * low + down * high, up * high + down * low)
    return summed_channels.output_range(graph, op, taps, sums, summed_channels.rounded_twice)


def _cut(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Cut:
    chosen, bias = kept[op.outputs[0]], graph.optional_input(op, 2)
    weights = {1: slice_of(graph.input(op, 1), chosen, 3)}
    return Cut(weights if bias is None else weights | {2: slice_of(bias, chosen, 0)})


operator = Operator(
    ("DEPTHWISE_CONV_2D",),
    infer,
    calls,
    read,
    macs,
    window.window_distance,
    window.window_rise,
    cases,
    effort=4,  # an input serves one channel alone
    channels=Channels(_kept, _range, _cut),
)
