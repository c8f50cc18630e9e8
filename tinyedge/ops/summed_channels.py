# SPDX-License-Identifier: Apache-2.0
"""Channels of layers that sum products of weights and inputs: what sums can be, and how little they need.

The sum of an output lies between those of its weights with each input at its worst. Where all in between is
rounded and clamped to one value, no input is needed for it; an input that has one value goes into the bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.graph import Array, Graph, Op, Quantization, Tensor
from tinyedge.ops import requantize, uint8_weights
from tinyedge.ops.channels import Bools, Channels, Cut, Kept, Range, Ranges, slice_of

Rounded = Callable[[Graph, Op, Ints], tuple[Ints, ...]]
"""(graph, op, sums [channels]) -> outputs before zero point and limits, by each way of rounding there is."""
PADDED = ("pad_y", "pad_y_end", "pad_x", "pad_x_end")
AT_ONCE = 1 << 18
"""Weights that are looked at in one step, so that memory stays a small multiple of them."""


def layer(rounded: Rounded) -> Channels:
    """Channels of CONV_2D and FULLY_CONNECTED: weights are [outputs, taps, channels of the input]."""

    def give(graph: Graph, op: Op, ranges: Ranges) -> Range | None:
        weights = _weights(graph, op)
        if weights is None:
            return None
        sums = _sums(graph, op, weights, inputs_range(graph, op, ranges[op.inputs[0] or ""]))
        return output_range(graph, op, weights, sums, rounded)

    def keep(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Kept | None:
        source, target = op.inputs[0] or "", op.outputs[0]
        weights = _weights(graph, op)
        if weights is None:
            return None
        live = kept[target] & ~ranges[target].fixed
        if not _fits(graph, op, _reach(graph, op, weights, live)):
            return None
        read = np.zeros(weights.shape[2], np.bool_)
        for rows in _blocks(weights[live]):
            read |= rows.any(axis=(0, 1))
        return {source: kept[source] | (read & ~_foldable(graph, op, ranges[source]))}

    return Channels(keep, give, _cut, apart=True)


def rounded_twice(graph: Graph, op: Op, sums: Ints) -> tuple[Ints, ...]:
    """As convolutions do, with sums of 32 bits or of 64."""
    scales = requantize.effective_scales(graph.input(op, 0), graph.input(op, 1), graph.output(op))
    return (multiplied(graph, op, sums, scales),)


def multiplied(graph: Graph, op: Op, sums: Ints, scales: list[float]) -> Ints:
    """Sums times their scales by the layer's integer multipliers."""
    pairs = [fixedpoint.quantize_multiplier(scale) for scale in scales]
    shifts = np.array([shift for _, shift in pairs], np.int64)
    if requantize.has_long_sums(graph, op):
        short = np.array([fixedpoint.reduce_multiplier(multiplier) for multiplier, _ in pairs])
        right = 15 - shifts
        reduced: Ints = (sums * short + (np.int64(1) << (right - 1))) >> right
        return reduced
    return fixedpoint.multiply_twice_rounded(sums, np.array([m for m, _ in pairs]), shifts)


def output_range(graph: Graph, op: Op, weights: Array, sums: Range, rounded: Rounded) -> Range | None:
    """What sums without their biases become, [channels]; weights [outputs, ...]. None: not known."""
    target, reach = graph.output(op), _reach(graph, op, weights)
    scales = np.array(requantize.effective_scales(graph.input(op, 0), graph.input(op, 1), target))
    usual = (scales > 0) & (scales < 1) & (scales * reach < requantize.SUM_LIMIT)
    if not _fits(graph, op, reach) or not np.all(usual):
        return None  # rare, and the layer's own `calls` say what is possible
    low, high = fixedpoint.activation_range(op.attrs["activation"], target)
    bias = requantize.bias_of(graph, op, len(weights))
    lows, highs = (rounded(graph, op, end + bias) for end in (sums.low, sums.high))
    found = Range(np.minimum.reduce(lows), np.maximum.reduce(highs))
    return Range(found.low + target.zero_point, found.high + target.zero_point).clipped(low, high)


def by_sign(weights: Array) -> tuple[Array, Array]:
    """Sums over taps, dimension 1, of what is above 0, and of what is below, in double precision."""
    parts = np.maximum(weights, 0), np.minimum(weights, 0)
    return parts[0].sum(axis=1, dtype=np.float64), parts[1].sum(axis=1, dtype=np.float64)


def inputs_range(graph: Graph, op: Op, given: Range) -> Range:
    """Inputs less their zero point, as what is multiplied: beside them 0, where there is padding."""
    zero = graph.input(op, 0).zero_point
    moved = Range(given.low - zero, given.high - zero)
    return moved.joined(0) if is_padded(op) else moved


def is_padded(op: Op) -> bool:
    """Whether some window reaches beyond the input."""
    return any(op.attrs.get(name) for name in PADDED)


def _weights(graph: Graph, op: Op) -> Array | None:
    """Less their zero point, [outputs, taps, channels of the input]; None for what is not looked into."""
    source, weights = graph.input(op, 0), graph.input(op, 1)
    depth, channels = math.prod(weights.shape[1:]), source.shape[-1]
    grouped = len(weights.shape) == 4 and weights.shape[3] != channels
    if grouped or depth % channels:
        return None
    return uint8_weights.centred(weights).reshape(weights.shape[0], -1, channels)


def _reach(graph: Graph, op: Op, weights: Array, chosen: Bools | slice = slice(None)) -> Ints:
    """Bound of |sum| of every output, or of the chosen ones."""
    source = graph.input(op, 0)
    low, high = fixedpoint.LIMITS[source.dtype]
    bias, taps = requantize.bias_of(graph, op, len(weights)), weights.reshape(len(weights), -1)
    return fixedpoint.reach(taps[chosen], bias[chosen], low - source.zero_point, high - source.zero_point)


def _fits(graph: Graph, op: Op, reach: Ints) -> bool:
    """Whether sums so large are what the kernels take, so that no part of one overflows either."""
    return bool(np.all(reach < (2**47 if requantize.has_long_sums(graph, op) else requantize.SUM_LIMIT)))


def _blocks(weights: Array) -> list[Array]:
    rows = max(1, AT_ONCE // max(1, math.prod(weights.shape[1:])))
    return [weights[first : first + rows] for first in range(0, len(weights), rows)]


def _foldable(graph: Graph, op: Op, given: Range) -> Bools:
    """Inputs that add the same to every sum of an output, also where a part of its window is padding."""
    foldable: Bools = given.fixed & ((given.low == graph.input(op, 0).zero_point) | (not is_padded(op)))
    return foldable


def _sums(graph: Graph, op: Op, weights: Array, given: Range) -> Range:
    """Without the bias. Double precision is exact here: far fewer than 2^29 products of 24 bits."""
    ends = given.low.astype(np.float64), given.high.astype(np.float64)
    low, high = [], []
    for rows in _blocks(weights):
        up, down = by_sign(rows)
        low.append(up @ ends[0] + down @ ends[1])
        high.append(up @ ends[1] + down @ ends[0])
    return Range(np.concatenate(low).astype(np.int64), np.concatenate(high).astype(np.int64))


def _cut(graph: Graph, op: Op, ranges: Ranges, kept: Kept) -> Cut:
    source, target = graph.input(op, 0), graph.output(op)
    weights, held = _weights(graph, op), graph.input(op, 1)
    assert weights is not None
    inputs, outputs = kept[source.name], kept[target.name]
    given = inputs_range(graph, op, ranges[source.name])
    gone = weights[:, :, ~inputs].sum(axis=1, dtype=np.int64) @ np.where(given.fixed, given.low, 0)[~inputs]
    fixed = ranges[target.name].fixed
    # A fixed output takes no inputs: any sum that it can have gives it.
    more = np.where(fixed, _sums(graph, op, weights, given).low, gone)
    bias = requantize.bias_of(graph, op, len(weights)) + more
    left = np.where(fixed[:, None, None], 0, weights)[outputs][:, :, inputs]
    assert held.data is not None
    zero = held.zero_point if held.dtype == "uint8" else 0
    data = (left + zero).astype(held.data.dtype).reshape(len(left), *held.shape[1:-1], -1)
    small = replace(slice_of(held, outputs, 0), shape=data.shape, data=data)
    return Cut({1: small, **_bias(graph, op, bias, outputs)})


def _bias(graph: Graph, op: Op, values: Ints, outputs: Bools) -> dict[int, Tensor]:
    old = graph.optional_input(op, 2)
    dtype = "int64" if requantize.has_long_sums(graph, op) else "int32"
    if old is None:
        if not values.any():
            return {}
        quantization = graph.input(op, 1).quantization
        assert quantization is not None
        by = np.float32(graph.input(op, 0).scale)
        scales = tuple(float(by * np.float32(scale)) for scale in quantization.scale)
        products = Quantization(scales, (0,) * len(scales), 0 if len(scales) > 1 else None)
        old = Tensor(f"{op.name}_bias", values.shape, dtype, products)
    return {2: slice_of(replace(old, data=values.astype(dtype)), outputs, 0)}
