# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a transposed convolution, gives it with weights in the order of Helium's kernel."""

from __future__ import annotations

import math

import numpy as np

from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts

CHANNELS, LANES, TAPS = (
    header.number("helium/transpose_conv.h", f"TE_TRANSPOSE_CONV_{name}")
    for name in ("CHANNELS", "LANES", "HELIUM_TAPS")
)


def transpose_conv(call: Call) -> Call | None:
    """Weights and tap_bias as firmware/kernels/helium/transpose_conv_s8.c describes."""
    met = (
        -(-parts.number(call, f"kernel_{size}") // parts.number(call, f"stride_{axis}"))
        for size, axis in (("height", "y"), ("width", "x"))
    )
    if math.prod(met) > TAPS:
        return None
    arrays = parts.arrays(call)
    weights = arrays["weights"].data
    channels, depth = weights.shape[0], weights.shape[-1]
    taps = weights.reshape(channels, -1, depth)
    padded = np.pad(taps, ((0, -channels % CHANNELS), (0, 0), (0, -depth % LANES)))
    fours = padded.reshape(-1, CHANNELS, taps.shape[1], padded.shape[2] // LANES, LANES)
    bias = arrays["tap_bias"].data.reshape(channels, -1)
    relaid = {
        "weights": parts.relaid(arrays["weights"], fours.transpose(2, 0, 3, 1, 4).ravel()),
        "tap_bias": parts.relaid(arrays["tap_bias"], np.pad(bias, ((0, -channels % CHANNELS), (0, 0))).T),
    }
    return parts.changed(call, arrays=relaid)
