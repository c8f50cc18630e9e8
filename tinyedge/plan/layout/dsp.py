# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/dsp/: a word for every four weights of a channel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import (
    dsp_depthwise,
    dsp_products,
    dsp_quads,
    dsp_scale,
    dsp_short,
    flat,
    header,
    pairs,
    parts,
    recast,
    scalar,
    scalar_dense,
    softmax,
)

FOUR, CHANNELS, PIXELS, TAPS, BLOCK = (
    header.number("dsp/conv_2d.h", f"TE_CONV_2D_DSP_{name}")
    for name in ("FOUR", "CHANNELS", "TRIPLE", "REACH", "BLOCK")
)
ROWS = header.number("dsp/fully_connected.h", "TE_FULLY_CONNECTED_DSP_FOUR")

MOST = 2**15 // 128 - 1
"""Bytes that fit 16 bits as a sum, whatever they are."""


def conv_2d(call: Call) -> Call:
    """Weights as firmware/kernels/dsp/conv_2d_s8.c describes, or for the kernel of four channels.

    Those of a dense layer for a single pixel.
    """
    dense = recast.as_dense(call)
    if dense is not None:
        return fully_connected(dense)
    call = flat.lay_down(call)
    quads = dsp_quads.conv_2d(call)
    if quads is not None:
        return quads
    groups = parts.number(call, "groups")
    rows = parts.weights(call).reshape(parts.number(call, "out_channels"), -1)
    channels, taps = len(rows) // groups, rows.shape[1]
    padded = np.pad(rows.reshape(groups, channels, -1), ((0, 0), (0, 0), (0, -taps % FOUR)))
    fours = padded.reshape(groups, channels, -1, FOUR)
    blocks = [
        _words(group[begin : min(begin + CHANNELS, first + BLOCK), part : part + TAPS // FOUR])
        for group in fours
        for first in range(0, channels, BLOCK)
        for part in range(0, fours.shape[2], TAPS // FOUR)
        for begin in range(first, min(first + BLOCK, channels), CHANNELS)
    ]
    # Groups, and the parts of a large window, are read one after another while outputs are written.
    early = groups == 1 and taps <= TAPS
    laid = parts.changed(scalar.convolution(call, rows, np.concatenate(blocks)), laid={"line": 0})
    return replace(laid, ahead=0 if early else PIXELS - 1)


def depthwise_conv_2d(call: Call) -> Call | None:
    """A convolution where all outputs share one input channel; else for the kernel of eight columns."""
    convolution = recast.as_convolution(call)
    return dsp_depthwise.depthwise_conv_2d(call) if convolution is None else conv_2d(convolution)


def _words(fours: Array) -> Array:
    """[channels, fours, 4] four by four: of two channels taps 0 and 2, then 1 and 3, in turn."""
    if len(fours) < CHANNELS:
        return fours.ravel()
    spread: Array = fours.reshape(CHANNELS, -1, 2, 2).transpose(1, 3, 2, 0).ravel()
    return spread


def fully_connected(call: Call) -> Call:
    """Weights as firmware/kernels/dsp/fully_connected_s8.c describes; shorter requantisation if exact."""
    weights = parts.arrays(call)["weights"]
    rows = weights.data
    words = np.pad(rows, ((0, 0), (0, -rows.shape[1] % FOUR))).reshape(len(rows), -1, FOUR)
    whole = len(rows) // ROWS * ROWS
    begins = [*range(0, whole, ROWS), *range(whole, len(rows))]
    blocks = [block.swapaxes(0, 1).ravel() for block in np.split(words, begins[1:])]
    laid = parts.relaid(weights, np.concatenate(blocks))
    return parts.changed(scalar_dense.requantized(call, rows), arrays={"weights": laid})


def average_pool_2d(call: Call) -> Call | None:
    """Windows whose sums of bytes fit 16 bits."""
    taps = parts.number(call, "kernel_height") * parts.number(call, "kernel_width")
    return call if taps <= MOST else None


LAYOUTS = {
    "add_s16": pairs.short_add,
    "average_pool_2d_s8": average_pool_2d,
    "batch_matmul_s8": dsp_products.batch_matmul,
    "compare_s8": dsp_scale.compare,
    "compare_s16": dsp_scale.compare,
    "conv_2d_s16": dsp_short.conv_2d,
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s16": dsp_short.depthwise_conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "fully_connected_s16": dsp_short.fully_connected,
    "fully_connected_s8": fully_connected,
    "leaky_relu_s16": dsp_scale.leaky_relu,
    "lstm_s8": dsp_products.lstm,
    "mean_s8": dsp_scale.mean,
    "mul_s16": pairs.short_mul,
    "mul_s8": pairs.mul,
    "prelu_s8": dsp_scale.prelu,
    "prelu_s16": dsp_scale.prelu,
    "rescale_s16_s16": dsp_scale.rescale,
    "rescale_s16_s8": dsp_scale.rescale,
    "softmax_s16": dsp_scale.short_softmax,
    "softmax_s8": softmax.softmax,
    "softmax_s8_s16": softmax.softmax,
}
