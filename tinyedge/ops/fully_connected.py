# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED: int8 and int16x8, rounded as LiteRT does (once) or as TFLM does (twice)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.errors import Unsupported
from tinyedge.graph import ITEM_SIZE, Array, Graph, Op, Quantization, Tensor
from tinyedge.ops import (
    Call,
    Case,
    Constant,
    Input,
    Operator,
    Output,
    case,
    check,
    requantize,
    require,
    summed_channels,
    uint8_weights,
    window,
)

BIAS_SCALE_OFF = 0.02
"""How far the bias' scale may be from the products', in scales of the output."""


def read(options: Mapping[str, Any], inputs: tuple[Tensor | None, ...]) -> dict[str, Any]:
    check.count_inputs(inputs, 2, 3)
    if options["weightsFormat"] != 0:
        raise Unsupported(
            f"weights in format {options['weightsFormat']}", "convert the model without shuffling"
        )
    attrs: dict[str, Any] = requantize.read_bias_type(options)
    return attrs | {
        "activation": int(options["fusedActivationFunction"]),
        "keep_dims": bool(options["keepNumDims"]),
    }


def infer(graph: Graph, op: Op) -> tuple[tuple[int, ...], ...]:
    source, weights = graph.input(op, 0), graph.input(op, 1)
    good = len(weights.shape) == 2 and min(weights.shape) > 0
    require(good, graph, op, f"its weights have shape {weights.shape}", "convert the model again")
    channels, depth = weights.shape
    requantize.check_layer(graph, op, channels, axis=0)
    _check_bias_scale(graph, op)
    whole = source.size > 0 and source.size % depth == 0
    if op.attrs["keep_dims"]:
        whole = whole and source.shape[-1:] == (depth,)
    require(
        whole,
        graph,
        op,
        f"weights {weights.shape} do not fit input {source.shape}",
        "convert the model again",
    )
    # The kernel's dimensions are int32, since a flattened image has more than 32767 elements.
    if op.attrs["keep_dims"]:
        return ((*source.shape[:-1], channels),)
    return ((source.size // depth, channels),)


def _check_bias_scale(graph: Graph, op: Op) -> None:
    """Require what LiteRT does (GetQuantizedConvolutionMultipler) where one scale is all channels'."""
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    bias = graph.optional_input(op, 2)
    assert weights.quantization is not None
    if bias is None or len(weights.quantization.scale) > 1:
        return
    product = float(np.float32(source.scale) * np.float32(weights.scale))
    # LiteRT's tensors have one scale, which is 0 where the file gives none or several.
    scales = bias.quantization.scale if bias.quantization is not None else ()
    said = scales[0] if len(scales) == 1 else 0.0
    require(
        abs(product - said) / target.scale <= BIAS_SCALE_OFF,
        graph,
        op,
        f"its bias has scale {said:g}, and its products {product:g}",
        "convert the model again",
    )


def calls(graph: Graph, op: Op, rounding: str) -> tuple[Call, ...]:
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    held = uint8_weights.symmetric(weights)
    if held is None:
        return (_old(graph, op, rounding),)
    channels, depth = weights.shape
    bias = requantize.bias_of(graph, op, channels)
    lowest, highest = fixedpoint.LIMITS[source.dtype]
    reach = fixedpoint.reach(held, bias, lowest - source.zero_point, highest - source.zero_point)
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    folded = requantize.fold_zero_point(held, bias, source.zero_point)
    short = source.dtype == "int8"
    if short or op.attrs["bias"] == "int32":
        good = bool(np.all(reach < requantize.SUM_LIMIT))
        require(good, graph, op, "its sums do not fit 32 bits", check.ROOM)
    multiplier, multiplier_low, shift, step, once = _requantization(graph, op, rounding, reach, low, high)
    params = {
        "batches": source.size // depth,
        "depth": depth,
        "channels": channels,
        "channel_step": step,
        "once": once,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    wide = "_wide" if np.any(multiplier_low.data) else ""
    kernel = f"fully_connected_s8{wide}" if short else "fully_connected_s16"
    return (
        Call(
            "fully_connected",
            kernel,
            params,
            (
                Input(source.name),
                Constant("weights", held, weight=True),
                Constant(
                    "bias", folded.astype(np.int32 if short else np.int64), weight=requantize.has_bias(op)
                ),
                multiplier,
                *(() if kernel == "fully_connected_s8" else (multiplier_low,)),
                shift,
                Output(target.name),
            ),
        ),
    )


def _old(graph: Graph, op: Op, rounding: str) -> Call:
    """Of weights whose zero point leaves them more than 8 bits: a convolution of one pixel's size."""
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    assert weights.data is not None
    channels, depth = weights.shape
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    most = max(source.size // depth, channels, depth)
    limit = f"up to {window.MAX_DIMENSION} are possible"
    require(most <= window.MAX_DIMENSION, graph, op, f"it has a dimension of {most}", limit)
    pixels = dict.fromkeys(("in_height", "out_height"), source.size // depth)
    ones = ("batches", "in_width", "out_width", "kernel_height", "kernel_width", "groups")
    steps = ("stride_y", "stride_x", "dilation_y", "dilation_x")
    params = {
        **pixels,
        **dict.fromkeys((*ones, *steps), 1),
        **dict.fromkeys(("pad_top", "pad_left"), 0),
        "in_channels": depth,
        "out_channels": channels,
        "in_zero_point": source.zero_point,
        "out_zero_point": target.zero_point,
        "out_min": low,
        "out_max": high,
    }
    once = _scales(graph, op)["litert"] if rounding == "litert" else None
    return uint8_weights.call(graph, op, params, weights.data.reshape(channels, 1, 1, depth), once)


def _requantization(
    graph: Graph, op: Op, rounding: str, reach: Array, low: int, high: int
) -> tuple[Constant, Constant, Constant, int, int]:
    """Multiplier, its lower bits, shift, channel step and whether sums are rounded once."""
    source, target = graph.input(op, 0), graph.output(op)
    scales = _scales(graph, op)[rounding]
    if rounding == "litert":
        return (*requantize.once_rounded(scales, reach, target, low, high), 1)
    if source.dtype == "int16" and op.attrs["bias"] == "int32":
        raise Unsupported(
            "an int32 bias with int16 activations and TFLM's rounding", "use the rounding of LiteRT"
        )
    wide = requantize.has_long_sums(graph, op)
    multiplier, shift, step = (requantize.reduced if wide else requantize.twice_rounded)(
        graph, op, scales, reach
    )
    return multiplier, Constant("multiplier_low", np.zeros(multiplier.data.size, np.uint32)), shift, step, 0


def _scales(graph: Graph, op: Op) -> dict[str, list[float]]:
    """Of sums, by rounding."""
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    assert weights.quantization is not None
    scales = [source.scale * scale / target.scale for scale in weights.quantization.scale]
    if len(scales) > 1:
        return {"litert": scales, "tflm": scales}
    # TFLM multiplies the scales of a per-tensor layer in float32 (GetQuantizedConvolutionMultipler); LiteRT
    # does not, even of uint8 weights.
    product = np.float32(source.scale) * np.float32(weights.scale)
    return {"litert": scales, "tflm": [float(product) / target.scale]}


def macs(graph: Graph, op: Op) -> int:
    return graph.output(op).size * graph.input(op, 1).shape[1]


def distance(graph: Graph, op: Op, source_name: str) -> int | None:
    """Batch by batch: when one is written, its inputs and those of later batches must be intact."""
    source, weights, target = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    channels, depth = weights.shape
    batches = source.size // depth
    if batches == 1:
        return None
    written = channels * ITEM_SIZE[target.dtype]
    read = depth * ITEM_SIZE[source.dtype]
    return written + max(0, (batches - 1) * (written - read))


def cases() -> Iterator[Case]:
    shapes: tuple[tuple[tuple[int, ...], int, int, bool, int, bool], ...] = (
        # input, depth, channels, per channel, fused activation, keep dimensions
        ((1, 16), 16, 64, False, 0, False),
        ((1, 33), 33, 47, True, 1, False),
        ((3, 5), 5, 9, True, 0, False),
        ((1, 3, 4, 5), 60, 3, False, 3, False),
        ((2, 3, 8), 8, 2, True, 2, True),
        ((1, 640), 640, 12, True, 0, False),
        ((4, 1), 1, 1, False, 0, False),
    )
    kinds = (("int8", "int32"), ("int16", "int64"), ("int16", "int32"))
    for (dtype, bias), (i, shape) in itertools.product(kinds, enumerate(shapes)):
        yield _case(f"fully_connected_{dtype}_{bias}_{i}", np.random.default_rng(i), dtype, bias, *shape)
    yield _large_sums()
    wide = ((1, 33000), 33000, 2, True, 0, False)
    yield _case("fully_connected_wide", np.random.default_rng(9), "int8", "int32", *wide)
    yield case.dead(_case("fully_connected", np.random.default_rng(9), "int8", "int32", *shapes[2]))
    for which, zero_point in (("lowest", -128), ("highest", 127)):
        name = f"fully_connected_{which}_zero_point"
        yield _case(name, np.random.default_rng(9), "int8", "", *shapes[1], zero_point=zero_point)


def _case(
    name: str,
    rng: np.random.Generator,
    dtype: str,
    bias: str,
    shape: tuple[int, ...],
    depth: int,
    channels: int,
    per_channel: bool,
    activation: int,
    keep: bool,
    zero_point: int | None = None,
) -> Case:
    output = (*shape[:-1], channels) if keep else (int(np.prod(shape)) // depth, channels)
    inputs = (
        case.activation(rng, "input", shape, dtype, case.scale(dtype, 0.1, activation), zero_point),
        case.weights(rng, (channels, depth), axis=0 if per_channel else None),
        case.bias(rng, channels, bias) if bias else None,
    )
    scale = case.scale(dtype, 0.8 if depth < 100 else 2.0, activation)
    target = case.activation(rng, "output", output, dtype, scale, zero_point)
    options = {
        "fusedActivationFunction": activation,
        "keepNumDims": keep,
        "quantizedBiasType": 2 if (dtype, bias) == ("int16", "int32") else 0,
    }
    return Case(name, "FULLY_CONNECTED", inputs, target, options)


def _large_sums() -> Case:
    """Biases of some 2^25 and small scales, as networks with large inputs have: too fine for 31 bits."""
    rng = np.random.default_rng(7)
    plain = _case("fully_connected_large_sums", rng, "int8", "int32", (1, 24), 24, 64, True, 0, False)
    source, weights, bias = plain.inputs
    assert source is not None and weights is not None and bias is not None
    source = replace(source, quantization=Quantization((float(np.float32(3e-4)),), (3,)))
    bias = replace(bias, data=np.linspace(-29e6, 29e6, 64).astype(np.int32))
    return replace(plain, inputs=(source, weights, bias))


def _rounded(graph: Graph, op: Op, sums: Ints) -> tuple[Ints, ...]:
    """By LiteRT and by TFLM."""
    scales = _scales(graph, op)
    once = fixedpoint.round_double(sums, np.array(scales["litert"]))
    return once, summed_channels.multiplied(graph, op, sums, scales["tflm"])


operator = Operator(
    ("FULLY_CONNECTED",),
    infer,
    calls,
    read,
    macs,
    distance,
    cases=cases,
    tflm_differs=True,
    channels=summed_channels.layer(_rounded),
)
