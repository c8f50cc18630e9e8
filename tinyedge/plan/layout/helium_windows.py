# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a depthwise convolution of small windows, gives it to the kernel of whole windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import flat, header, parts

HEADER = "helium/depthwise_conv_2d.h"
STRIP = header.number(HEADER, "TE_DEPTHWISE_CONV_2D_HELIUM_STRIP")
SQUARE, LEAD, TOGETHER = (
    header.number(HEADER, f"TE_WINDOWS_{name}") for name in ("SQUARE", "LEAD", "TOGETHER")
)
LARGEST = 3
"""Rows and columns of a window, so that its neighbours are in the same vector."""
FEWEST = 5
"""Weights of a window from which on a vector that holds one is well used."""
OFFSETS = 65536
"""Bytes that the places of outputs may be apart."""
KERNEL = "depthwise_conv_2d_s8_windows"


def depthwise_conv_2d(call: Call) -> Call | None:
    """`call` with its arrays laid out; None where it has other windows, or lines too long for the stack."""
    call = flat.lay_down(call)
    height, width = parts.number(call, "kernel_height"), parts.number(call, "kernel_width")
    stride, lines = parts.number(call, "stride_x"), parts.number(call, "stride_y")
    channels, out_width = parts.number(call, "out_channels"), parts.number(call, "out_width")
    plain = all(parts.number(call, name) == 1 for name in ("dilation_y", "dilation_x", "multiplier"))
    if not plain or max(height, width) > LARGEST or height * width < FEWEST or max(stride, lines) > 2:
        return None
    at_once = 2 if stride == lines == 1 else 1
    needed = ((out_width - 1) * stride + width) * SQUARE
    part = min(STRIP // needed, -(-channels // TOGETHER) * TOGETHER) // TOGETHER * TOGETHER
    if part == 0 or (at_once * out_width + TOGETHER) * channels > OFFSETS:
        return None
    if at_once == 1 and part < channels:
        return None  # lines of one part after another would want more of the arena, for little
    # As many parts, of about the same size.
    part = min(-(-channels // -(-channels // part) // TOGETHER) * TOGETHER, channels)
    pitch = needed
    if part == channels:
        # As far as the rest of the stack lets the rows that two lines share stay where they are.
        steps = -(-parts.number(call, "out_height") // at_once)
        pitch = min(STRIP // part, needed + 2 * steps) // SQUARE * SQUARE
    weights = parts.arrays(call)["weights"]
    laid = _laid(weights.data.reshape(height, width, channels), lead=at_once == 2)
    arrays = {"weights": parts.relaid(weights, laid)}
    for role, constant in parts.arrays(call).items():
        if role != "weights" and len(constant.data) < channels and not _packed(call, role):
            arrays[role] = parts.relaid(constant, np.repeat(constant.data, channels))
    fields = {"unit": 0, "part": part, "stretch": 0, "pitch": pitch}
    return replace(
        parts.changed(call, {"channel_step": 1}, fields, arrays),
        kernel=KERNEL,
        ahead=0 if part == channels else at_once * out_width - 1,
    )


def _packed(call: Call, role: str) -> bool:
    return role == "shift" and (call.laid or {})["packed"] == 1


def _laid(taps: Array, lead: bool) -> Array:
    """[height, width, channels] -> of each channel columns of four; with `lead`, 0 before them."""
    height, width, channels = taps.shape
    laid = np.zeros((channels, SQUARE, SQUARE), taps.dtype)
    laid[:, :width, :height] = taps.transpose(2, 1, 0)
    return np.pad(laid.ravel(), (LEAD if lead else 0, 0))
