# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives it to the kernel whose lanes are the outputs of a row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts

FEW, MANY, THREE, WINDOWS = (
    header.number("rvv/conv_2d.h", f"TE_CONV_2D_RVV_{name}") for name in ("FEW", "MANY", "PIXELS", "WINDOWS")
)
KERNEL = "conv_2d_s8_rows"
LANES = 32
"""Sums of 32 bits in a group of eight vectors of 128 bits, for which instructions are estimated."""
TAP, OUTPUT, LAID = 4, 14, 12
"""Instructions of a tap besides two for each of several sums; of a sum's requantisation; of what is laid."""


def conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/rvv/conv_2d_s8_rows.c describes; None where it cannot or is slower."""
    channels, height, width, depth, stride, outputs = (
        parts.number(call, name)
        for name in ("out_channels", "kernel_height", "kernel_width", "in_channels", "stride_x", "out_width")
    )
    line, phases = width * depth, stride * depth
    pitch = outputs - 1 + -(-line // phases)
    if outputs == 1 or parts.number(call, "groups") > 1 or parts.number(call, "dilation_x") > 1:
        return None
    if height * phases * pitch > WINDOWS or _instructions(call) > _of_channels(call):
        return None
    order = sorted(range(line), key=lambda tap: (tap % phases, tap // phases))
    rows = parts.weights(call).reshape(channels, height, line)[:, :, order].reshape(channels, -1)
    threes = np.split(rows, range(THREE, channels, THREE))
    stream = np.concatenate([three.T.ravel() for three in threes])
    arrays = parts.arrays(call)
    changed = {"weights": parts.relaid(arrays["weights"], stream)}
    for role in ("multiplier", "shift"):
        changed[role] = parts.relaid(arrays[role], np.broadcast_to(arrays[role].data, (channels,)))
    return replace(parts.changed(call, {"channel_step": 1}, arrays=changed), kernel=KERNEL)


def _instructions(call: Call) -> int:
    """Of a row of outputs, about, by this kernel."""
    channels, outputs = parts.number(call, "out_channels"), parts.number(call, "out_width")
    taps = parts.weights(call).size // channels
    threes = -(-channels // THREE)
    once = threes * (TAP * taps + OUTPUT) + channels * (2 * taps + OUTPUT)
    laid = parts.number(call, "kernel_height") * parts.number(call, "stride_x") * LAID
    return -(-outputs // LANES) * once + laid * parts.number(call, "in_channels")


def _of_channels(call: Call) -> int:
    """The same by conv_2d_s8.c, whose lanes are channels."""
    channels, outputs = parts.number(call, "out_channels"), parts.number(call, "out_width")
    taps = parts.weights(call).size // channels
    together = MANY if channels <= FEW else THREE
    once = taps * (TAP + 2 * together)
    laid = parts.number(call, "kernel_height") * LAID * 2 + 2 * OUTPUT
    return -(-outputs // together) * -(-channels // LANES) * once + outputs * laid
