# SPDX-License-Identifier: Apache-2.0
"""Constants with which layers that multiply by weights bring their sums to the output's scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyedge import fixedpoint
from tinyedge.graph import Graph, Op, Tensor
from tinyedge.ops import Array, Constant, require


def effective_scales(source: Tensor, weights: Tensor, target: Tensor) -> list[float]:
    """Input scale * weight scale / output scale for every weight scale, in double precision, in TFLite's order."""
    assert weights.quantization is not None
    return [source.scale * scale / target.scale for scale in weights.quantization.scale]


def twice_rounded(graph: Graph, op: Op, scales: list[float], reach: Array) -> tuple[Constant, Constant, int]:
    """Multiplier and shift arrays for te_requantize, and the channel step.

    `reach` [channels] is the largest |accumulator|; it must fit 32 bits, also after a left shift.
    """
    pairs = [fixedpoint.quantize_multiplier(scale) for scale in scales]
    shifts = np.array([shift for _, shift in pairs], np.int64)
    fits = np.all(reach << np.clip(shifts, 0, 31) < 2**31)
    require(bool(fits), graph, op, "its sums do not fit 32 bits", "check the scales of this layer")
    return (
        Constant("multiplier", np.array([multiplier for multiplier, _ in pairs], np.int32)),
        Constant("shift", shifts.astype(np.int8)),
        int(len(pairs) > 1),
    )


def fold_zero_point(weights: Array, bias: Array, zero_point: int) -> Array:
    """Bias [outputs] less zero_point * (sum of the weights [outputs, taps]): the kernel then sums plain products."""
    folded = bias.astype(np.int64) - zero_point * weights.astype(np.int64).sum(axis=1)
    return folded.astype(np.int64)


def check_weights(graph: Graph, op: Op, weights: Tensor, channels: int, axis: int) -> None:
    """Require constant int8 weights, symmetric, quantised per tensor or along `axis`."""
    require(weights.data is not None, graph, op, "its weights are not constant", "freeze the model before converting")
    require(weights.dtype == "int8", graph, op, f"its weights are {weights.dtype}", "quantise the model to int8")
    quantization = weights.quantization
    require(quantization is not None, graph, op, "its weights have no scale", "quantise the model to int8")
    assert quantization is not None
    count = len(quantization.scale)
    good = count == 1 or (count == channels and quantization.axis == axis)
    require(good, graph, op, f"{count} weight scales along dimension {quantization.axis}", "convert the model again")
    symmetric = not any(quantization.zero_point)
    require(symmetric, graph, op, "its weights have a zero point", "convert with symmetric weights")


def check_activation(graph: Graph, op: Op, tensor: Tensor, dtypes: tuple[str, ...]) -> None:
    """Require one of `dtypes`, quantised per tensor, with a zero point within the type."""
    wanted = " or ".join(dtypes)
    require(tensor.dtype in dtypes, graph, op, f"{tensor.name!r} is {tensor.dtype}, not {wanted}", "quantise the model")
    require(tensor.data is None, graph, op, f"{tensor.name!r} is a constant", "fold constants before converting")
    quantization = tensor.quantization
    good = quantization is not None and len(quantization.scale) == 1
    require(good, graph, op, f"{tensor.name!r} is not quantised per tensor", "quantise the model")
    low, high = fixedpoint.LIMITS[tensor.dtype]
    inside = low <= tensor.zero_point <= high
    require(inside, graph, op, f"{tensor.name!r} has zero point {tensor.zero_point}", "convert the model again")


def bias_of(graph: Graph, op: Op, channels: int, dtypes: tuple[str, ...] = ("int32",)) -> np.ndarray[Any, Any]:
    """The bias [channels] as int64; zeros where the layer has none."""
    bias = graph.optional_input(op, 2)
    if bias is None:
        return np.zeros(channels, np.int64)
    good = bias.data is not None and bias.dtype in dtypes and bias.shape == (channels,)
    require(good, graph, op, f"its bias is {bias.dtype} {bias.shape}", f"it takes a constant {dtypes[0]} [{channels}]")
    assert bias.data is not None
    return bias.data.astype(np.int64)
