# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/pie/: vectors of 16 bytes, filled up with zeros."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call, Constant, Scratch
from tinyedge.plan.layout import (
    flat,
    header,
    lines,
    parts,
    pie_lanes,
    pie_lstm,
    pie_matmul,
    pie_product,
    pie_short,
    pie_sum,
    pie_words,
    recast,
    words,
)
from tinyedge.plan.layout.pie_lanes import VECTOR

ALIGNMENT = VECTOR
"""Where activations and constants begin, and how much of the arena is theirs behind the last."""
HELD = header.number("pie/dot.h", "TE_PIE_HELD")
BITS = header.number("pie/depthwise_conv_2d.h", "TE_DEPTHWISE_CONV_2D_PIE_BITS")


def conv_2d(call: Call) -> Call | None:
    """Weights as in firmware/kernels/pie/dot.h."""
    dense = recast.as_dense(call)
    if dense is not None:
        return fully_connected(dense)
    call = flat.flatten(call)
    rows = parts.weights(call).reshape(parts.number(call, "out_channels"), -1)
    vectors = -(-rows.shape[1] // VECTOR)
    direct = flat.pointwise(call) and (rows.shape[1] % VECTOR == 0 or vectors <= HELD)
    window = Scratch(VECTOR if direct else (vectors + 1) * VECTOR, "window")
    laid = parts.changed(_by_line(call, rows), laid={"direct": int(direct), "shift": 0})
    return replace(laid, arguments=(*laid.arguments, window))


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights as in firmware/kernels/pie/depthwise_conv_2d_s8.c; of one input channel, as a convolution.

    None for several outputs of a channel, and where a sum could leave its lane.
    """
    convolution = recast.as_convolution(call)
    if convolution is not None:
        return conv_2d(convolution)
    call = flat.lay_down(call)
    arrays, channels = parts.arrays(call), parts.number(call, "out_channels")
    taps = parts.weights(call).reshape(-1, channels)
    more = -channels % VECTOR
    blocks = np.pad(taps, ((0, 0), (0, more))).reshape(len(taps), -1, VECTOR).swapaxes(0, 1)
    weights = np.concatenate([blocks.ravel(), np.zeros(VECTOR, np.int8)])
    found = None if parts.scaling(call).together else lines.fit_bare(call, taps.T, 32 - BITS)
    if found is not None and parts.number(call, "multiplier") == 1:
        laid = {"left": pie_words.LEFT, "shift": 0}
        return parts.changed(lines.with_bare(call, found, weights), laid=laid)
    words = pie_words.of_layer(parts.scaling(call), taps.T, arrays["bias"].data)
    # A multiplier of 0 makes the same of any sum, also of one that its lane limits.
    used = np.broadcast_to((words.scales[:, 0] != 0) | (words.left == 0), channels)
    bias = np.where(used, arrays["bias"].data.astype(np.int64), 0)
    reach = np.where(used, np.abs(bias) + 128 * np.abs(taps.astype(np.int64)).sum(axis=0), 0)
    if parts.number(call, "multiplier") > 1 or reach.max() >= 1 << (BITS - 1):
        return None
    changed = {
        "weights": parts.relaid(arrays["weights"], weights),
        "bias": parts.relaid(arrays["bias"], pie_lanes.words(np.pad(bias, (0, more)), BITS)),
        "multiplier": Constant("multiplier", words.scales),
        "shift": Constant("shift", words.shifts.astype(np.int8)),
    }
    laid = {"left": words.left, "shift": 0, "lines": 0, "line_right": 0}
    return parts.changed(call, laid=laid, arrays=changed)


def average_pool_2d(call: Call) -> Call | None:
    """As it is; None for few channels, and where a sum could leave its lane, or 32 bits."""
    sides = [
        min(parts.number(call, f"kernel_{side}"), parts.number(call, f"in_{side}"))
        for side in ("height", "width")
    ]
    size, bits = (1, BITS) if call.kernel == "average_pool_2d_s8" else (2, 32)
    fits = 2 ** (8 * size - 1) * sides[0] * sides[1] < 1 << (bits - 1)
    return call if fits and parts.number(call, "channels") * size >= VECTOR // 2 else None


def max_pool_2d(call: Call) -> Call | None:
    """As it is; None for few channels."""
    size = 1 if call.kernel == "max_pool_2d_s8" else 2
    return call if parts.number(call, "channels") * size >= VECTOR // 2 else None


def mean(call: Call) -> Call | None:
    """With what is kept side by side innermost; None for few numbers, or sums wider than a lane."""
    size = call.params["size"]
    assert isinstance(size, tuple)
    if size[3:] == (1, 1):
        size = (*size[:2], 1, 1, size[2])
    count = size[1] * size[3]
    few, wide = (VECTOR // 2, 128 * count >= 1 << (BITS - 1)) if call.kernel == "mean_s8" else (4, False)
    if min(size[4], count) < few or wide:
        return None
    return replace(call, params={**call.params, "size": size})


def fully_connected(call: Call) -> Call | None:
    """The same; None where a batch does not begin with a vector."""
    rows = parts.weights(call)
    if rows.shape[1] % VECTOR and parts.number(call, "batches") > 1:
        return None
    return _laid(call, rows)


def _laid(call: Call, rows: Array) -> Call:
    """`call` with the weights, and four words for every channel; rows are [channels, taps]."""
    bias = parts.arrays(call)["bias"].data
    words = pie_words.of_layer(parts.scaling(call), rows, bias)
    each = np.broadcast_to(words.scales, (len(bias), 2))
    channels = np.column_stack([bias, np.broadcast_to(words.shifts, bias.shape), each])
    return parts.changed(_with(call, rows, channels), laid={"left": words.left})


def _by_line(call: Call, rows: Array) -> Call:
    """The same, or with two words for every channel, where all of them have lines."""
    found = lines.fit_bare(call, rows)
    if found is None:
        return parts.changed(_laid(call, rows), laid=lines.NONE)
    # What is not looked at then is what layers without lines mostly have: a copy for both need not read it.
    laid = {"left": pie_words.LEFT, "lines": 1, "line_left": found.left, "line_right": found.right}
    return parts.changed(_with(call, rows, np.column_stack([found.multipliers, found.added])), laid=laid)


def _with(call: Call, rows: Array, words: Array) -> Call:
    """`call` with the weights, and with `words` for its biases, multipliers and shifts."""
    arrays = parts.arrays(call)
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % VECTOR)))
    weights = np.concatenate([padded.ravel(), np.zeros(VECTOR, np.int8)])
    changed = {
        "weights": parts.relaid(arrays["weights"], weights),
        "bias": parts.relaid(arrays["bias"], words.astype(np.int32)),
        **parts.words(np.zeros(1)),
    }
    return parts.changed(call, arrays=changed)


def none(call: Call) -> None:
    """No kernel here: those that copy are larger than a call of memmove."""


LAYOUTS = {
    "add_linear_s8": pie_sum.add_linear,
    "average_pool_2d_s16": average_pool_2d,
    "average_pool_2d_s8": average_pool_2d,
    "batch_matmul_s16": pie_matmul.short_batch_matmul,
    "batch_matmul_s16_s8": pie_matmul.short_batch_matmul,
    "batch_matmul_s8": pie_matmul.batch_matmul,
    "conv_2d_s16": pie_short.conv_2d,
    "conv_2d_s16_narrow": pie_short.conv_2d_narrow,
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s16": pie_short.depthwise_conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "extremum_s16": pie_product.extremum,
    "extremum_s8": pie_product.extremum,
    "fully_connected_s16": pie_short.fully_connected,
    "fully_connected_s8": fully_connected,
    "leaky_relu_s16": pie_product.leaky_relu,
    "lstm_s8": pie_lstm.lstm,
    "max_pool_2d_s16": max_pool_2d,
    "max_pool_2d_s8": max_pool_2d,
    "mean_s16": mean,
    "mean_s8": mean,
    "mul_s16": pie_product.mul,
    "mul_s8": pie_product.mul,
    "rescale_s16_s16": pie_product.rescale,
    "rescale_s16_s8": pie_product.rescale,
    "select": pie_product.select,
    "strided_copy_s16": words.strided_copy,
    "strided_copy_s8": words.strided_copy,
}
SMALL = {f"strided_copy_s{bits}": none for bits in (8, 16, 32)} | {
    "concatenation": none,
    "table_copy": none,
}
