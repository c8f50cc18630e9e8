# SPDX-License-Identifier: Apache-2.0
"""TRANSPOSE_CONV: int8 and int16x8, any stride and padding; a pixel sums only the taps that meet an input."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.errors import Unsupported
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Call, Case, Constant, Operator, case, check, requantize, require, window
from tinyedge.ops.case import Window

_SHAPE, _WEIGHTS, _SOURCE, _BIAS = range(4)  # inputs, in TFLite's order


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 3, 4)
    wanted, weights, source = inputs[_SHAPE], inputs[_WEIGHTS], inputs[_SOURCE]
    assert wanted is not None and weights is not None and source is not None
    if wanted.data is None or wanted.data.shape != (4,):
        raise Unsupported("its output shape is not a constant of four numbers", "convert with fixed shapes")
    if len(weights.shape) != 4 or len(source.shape) != 4:
        raise Unsupported(
            f"weights of shape {weights.shape}, input {source.shape}", "convert the model again"
        )
    shape = tuple(int(size) for size in wanted.data)
    # Its window is that of the convolution from its output to its input.
    target = replace(source, shape=shape)
    attrs: dict[str, Any] = window.read_window(options, target, (weights.shape[1], weights.shape[2]))
    attrs |= requantize.read_bias_type(options)
    return attrs | {"activation": int(options["fusedActivationFunction"]), "shape": shape}


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, weights = graph.input(op, _SOURCE), graph.input(op, _WEIGHTS)
    channels, height, width, depth = weights.shape
    shape: tuple[int, ...] = op.attrs["shape"]
    requantize.check_layer(graph, _as_convolution(op), channels, axis=0)
    require(
        weights.dtype == "int8", graph, op, f"its weights are {weights.dtype}", "quantise the model to int8"
    )
    for axis, taps, letter in ((1, height, "y"), (2, width, "x")):
        padding = op.attrs[f"pad_{letter}"] + op.attrs[f"pad_{letter}_end"]
        inputs = (shape[axis] + padding - taps) // op.attrs[f"stride_{letter}"] + 1
        good = inputs == source.shape[axis] and max(*shape, taps) <= window.MAX_DIMENSION
        what = f"output {shape} does not come from input {source.shape} and weights {weights.shape}"
        require(good, graph, op, what, "convert the model again")
    good = (shape[0], shape[3], depth) == (source.shape[0], channels, source.shape[3])
    require(
        good, graph, op, f"weights {weights.shape} do not fit input {source.shape}", "convert the model again"
    )
    return (shape,)


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, weights, target = graph.input(op, _SOURCE), graph.input(op, _WEIGHTS), graph.output(op)
    assert weights.data is not None
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    convolution = _as_convolution(op)
    params = window.window_params(graph, convolution, (weights.shape[1], weights.shape[2])) | {
        "in_zero_point": source.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    del params["dilation_y"], params["dilation_x"]
    held = weights.data
    taps = held.reshape(weights.shape[0], -1)
    made = requantize.convolution(graph, convolution, "transpose_conv", params, held, taps, fold=False)
    if source.dtype == "int16":
        return (made,)
    # Which taps meet an input differs from pixel to pixel, so each carries its own share of the zero point.
    share = -source.zero_point * weights.data.sum(axis=3, dtype=np.int32)
    place, plain, *others = made.arguments
    return (replace(made, arguments=(place, plain, Constant("tap_bias", share.astype(np.int32)), *others)),)


def macs(graph: Graph, op: Op) -> int:
    return graph.input(op, _SOURCE).size * math.prod(graph.input(op, _WEIGHTS).shape[:3])


def distance(graph: Graph, op: Op, source_name: str) -> int | None:
    first, _ = _inputs_of_pixels(graph, op)
    return window.distance_of(first, graph.output(op))


def rise(graph: Graph, op: Op, source_name: str) -> int | None:
    _, last = _inputs_of_pixels(graph, op)
    return window.rise_of(last, graph.output(op))


def _as_convolution(op: Op) -> Op:
    """The layer with its inputs in the order of the other convolutions: activation, weights, bias."""
    return replace(op, inputs=(op.inputs[_SOURCE], op.inputs[_WEIGHTS], *op.inputs[_BIAS:]))


def _inputs_of_pixels(graph: Graph, op: Op) -> tuple[window.Offsets, window.Offsets]:
    """As in window.py: bounds of what each output pixel needs; one that needs nothing has the nearest."""
    source, kernel = graph.input(op, _SOURCE), graph.input(op, _WEIGHTS).shape[1:3]
    ends = []
    for last in (False, True):
        sides = []
        for axis, letter in ((1, "y"), (2, "x")):
            stride, pad = op.attrs[f"stride_{letter}"], op.attrs[f"pad_{letter}"]
            reach = np.arange(op.attrs["shape"][axis]) + pad - (0 if last else kernel[axis - 1] - 1)
            inside = reach // stride if last else -(-reach // stride)
            sides.append(np.clip(inside, 0, source.shape[axis] - 1))
        ends.append(window.pixel_offsets(source, sides[0], sides[1], last))
    return ends[0], ends[1]


SHAPES = (
    # window (from the output to the input), input channels
    (Window((1, 6, 8, 4), (2, 2), stride=(2, 2)), 3),
    (Window((1, 7, 5, 3), (3, 3), stride=(2, 2), activation=1), 5),
    (Window((1, 9, 11, 2), (3, 3), stride=(2, 2), padding=1), 32),
    (Window((2, 5, 6, 5), (3, 2)), 6),
    (Window((1, 10, 9, 3), (2, 5), stride=(3, 1), activation=3), 2),
    (Window((1, 11, 7, 2), (2, 1), stride=(3, 2), padding=1), 3),  # pixels that no tap meets
    (Window((1, 1, 12, 6), (1, 4), stride=(1, 2)), 17),
    (Window((1, 5, 71, 20), (3, 3), stride=(2, 2), padding=1), 40),  # wider than what RVV lays at a time
    (Window((1, 6, 62, 3), (4, 4), stride=(2, 2)), 50),
)
BIAS_TYPES = {"int8": ("int32",), "int16": ("int64", "int32")}


def cases() -> Iterator[Case]:
    for dtype, bias_types in BIAS_TYPES.items():
        for bias, (i, (place, depth)) in itertools.product(bias_types, enumerate(SHAPES)):
            yield _case(
                f"transpose_conv_{dtype}_{bias}_{i}", np.random.default_rng(i), dtype, bias, place, depth
            )


def _case(name: str, rng: np.random.Generator, dtype: str, bias: str, place: Window, depth: int) -> Case:
    batches, height, width, channels = place.shape
    shape = np.array(place.shape, np.int32)
    source = (*place.output, depth)
    inputs = [
        Tensor("shape", (4,), "int32", None, shape),
        case.weights(rng, (channels, *place.kernel, depth), axis=0 if channels % 2 else None),
        case.activation(rng, "input", source, dtype, case.scale(dtype, 0.1)),
    ]
    if channels > 2:
        inputs.append(case.bias(rng, channels, bias))
    scale = case.scale(dtype, 0.8, place.activation)
    target = case.activation(rng, "output", (batches, height, width, channels), dtype, scale)
    options = {
        "padding": place.padding,
        "strideH": place.stride[0],
        "strideW": place.stride[1],
        "fusedActivationFunction": place.activation,
    }
    if bias == "int32" and dtype == "int16":
        options["quantizedBiasType"] = 2
    return Case(name, "TRANSPOSE_CONV", tuple(inputs), target, options)


operator = Operator(("TRANSPOSE_CONV",), infer, calls, read, macs, distance, rise, cases)
