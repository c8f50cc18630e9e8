# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a depthwise convolution of 3 x 3, gives it to the kernel of eight columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.arithmetic.line import Form
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import header, lines, parts

TAPS, SIX, FOUR, EACH, SECOND, CELL, RIGHT = (
    header.number("dsp/depthwise_conv_2d.h", f"TE_DEPTHWISE_CONV_2D_DSP_{name}")
    for name in ("TAPS", "SIX", "FOUR", "EACH", "SECOND", "CELL", "RIGHT")
)
WORDS = {1: EACH, 2: SECOND}
"""Of a channel and a row, by stride."""
FORM = Form(RIGHT, doubled=False, most=2**30)
"""Sums, and what is added to them, stay below 2^30."""
ONE = 41
"""Cycles of an output of the kernel for plain cores, about, and of the outputs made at once here: of windows
side by side, and of every second."""
ALL = {1: 125, 2: 180}
ROW = (0, 1, 1, 2)
"""Weights of a row's word."""
SECOND_CHANNEL = (0, 1, 3, 2, 4, 5)
"""Words of every second channel, whose last row comes before the middle one."""
EMPTY = ("bias", "multiplier", "shift")
"""Arrays whose numbers are in the stream."""


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/dsp/columns.h describes; None where the kernel cannot do the call.

    Also where most of the outputs that it makes at once would lie outside.
    """
    dilations, kernel, channels, stride, width = (
        tuple(parts.number(call, field) for field in fields)
        for fields in (
            ("dilation_y", "dilation_x", "multiplier"),
            ("kernel_height", "kernel_width"),
            ("out_channels",),
            ("stride_x",),
            ("out_width",),
        )
    )
    if dilations != (1, 1, 1) or kernel != (TAPS, TAPS) or channels[0] < FOUR or stride[0] not in ALL:
        return None
    if -(-width[0] // SIX) * ALL[stride[0]] > width[0] * ONE:
        return None
    arrays, rows = parts.arrays(call), parts.weights(call).reshape(TAPS * TAPS, -1).T
    found = None if parts.scaling(call).clamps else lines.fit(call, rows, FORM)
    if found is None:
        return None
    begins = arrays["bias"].data.astype(np.int64) + found.moved
    words = np.column_stack([begins, _words(rows), found.multipliers, found.added]).astype(np.int32)
    last = np.arange(channels[0] - FOUR, channels[0])
    every = np.concatenate([np.arange(channels[0] // FOUR * FOUR), last[: FOUR * (channels[0] % FOUR > 0)]])
    stream = words[every]
    stream[1::2] = stream[1::2][:, SECOND_CHANNEL]
    laid = {"weights": parts.relaid(arrays["weights"], stream.ravel().view(np.int8))}
    laid |= {role: Constant(role, np.zeros(1, arrays[role].data.dtype)) for role in EMPTY}
    ahead = 0 if channels[0] * WORDS[stride[0]] <= CELL else SIX - 1
    return replace(parts.changed(call, arrays=laid), ahead=ahead)


def _words(rows: Array) -> Array:
    """[channels, 9] -> int32 [channels, 3]."""
    spread = np.ascontiguousarray(rows.reshape(-1, TAPS, TAPS)[:, :, ROW].astype(np.int8))
    words: Array = spread.view(np.int32)[:, :, 0]
    return words
