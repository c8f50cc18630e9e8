# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a transposed convolution, gives it with weights in the order of Helium's kernel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts

CHANNELS, LANES = (
    header.number("helium/transpose_conv.h", f"TE_TRANSPOSE_CONV_{name}") for name in ("CHANNELS", "LANES")
)


def transpose_conv(call: Call) -> Call:
    """Weights and tap_bias as firmware/kernels/helium/transpose_conv_s8.c describes."""
    arrays = parts.arrays(call)
    weights = arrays["weights"].data
    channels, height, width, depth = weights.shape
    stride = parts.number(call, "stride_x")
    order = [kx for remainder in range(stride) for kx in range(remainder, width, stride)[::-1]]
    padded = np.pad(weights[:, :, order], ((0, -channels % CHANNELS), (0, 0), (0, 0), (0, -depth % LANES)))
    fours = padded.reshape(-1, CHANNELS, height * width, padded.shape[-1] // LANES, LANES)
    bias = arrays["tap_bias"].data.reshape(channels, height, width)[:, :, order].reshape(channels, -1)
    biases = np.pad(bias, ((0, -channels % CHANNELS), (0, 0))).reshape(-1, CHANNELS, height * width)
    relaid = {
        "weights": parts.relaid(arrays["weights"], fours.transpose(0, 2, 3, 1, 4).ravel()),
        "tap_bias": parts.relaid(arrays["tap_bias"], biases.swapaxes(1, 2).ravel()),
    }
    # Rows of outputs are made in any order of their pixels.
    return replace(parts.changed(call, arrays=relaid), ahead=parts.number(call, "out_width") - 1)
