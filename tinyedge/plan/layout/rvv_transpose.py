# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a transposed convolution, gives it for RVV: a convolution by remainder of the strides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts, short

FEW, MANY, PIXELS = (
    header.number("rvv/conv_2d.h", f"TE_CONV_2D_RVV_{name}") for name in ("FEW", "MANY", "PIXELS")
)
BYTES = header.number("rvv/transpose_conv.h", "TE_TRANSPOSE_CONV_RVV_BYTES")


def transpose_conv_s8(call: Call) -> Call | None:
    """A bias for every remainder, with the zero points of all of its taps, and no tap_bias."""
    arrays = parts.arrays(call)
    taps = arrays["tap_bias"].data.astype(np.int64).reshape(parts.weights(call).shape[:3])
    bias = [arrays["bias"].data + phase.sum(axis=(1, 2)) for phase in _phases(call, taps)]
    changed = {
        "bias": parts.relaid(arrays["bias"], np.stack(bias).astype(np.int32)),
        "tap_bias": parts.relaid(arrays["tap_bias"], np.zeros(1, np.int32)),
    }
    return _laid(short.by_channel(parts.changed(call, arrays=changed)), 1)


def transpose_conv_s16(call: Call) -> Call | None:
    """Sums of 32 bits."""
    narrowed = short.transpose_conv(call)
    return None if narrowed is None else _laid(narrowed, 2)


def transpose_conv_s16_narrow(call: Call) -> Call | None:
    """Sums are of 32 bits already."""
    return _laid(short.by_channel(call), 2)


def _laid(call: Call, width: int) -> Call | None:
    """`call` with its weights in order; None where the stack is too small for the inputs of a few outputs."""
    held = parts.weights(call)
    channels, height, columns, depth = held.shape
    tall, wide = (
        -(-taps // parts.number(call, f"stride_{axis}")) for taps, axis in ((height, "y"), (columns, "x"))
    )
    together = MANY if channels <= FEW else PIXELS
    if tall * (wide + together - 1) * depth * width > BYTES:
        return None
    stream = [phase[:, ::-1, ::-1].transpose(1, 2, 3, 0).ravel() for phase in _phases(call, held)]
    weights = parts.relaid(parts.arrays(call)["weights"], np.concatenate(stream))
    # Outputs of a row are made in any order.
    return replace(
        parts.changed(call, arrays={"weights": weights}), ahead=parts.number(call, "out_width") - 1
    )


def _phases(call: Call, taps: Array) -> Iterator[Array]:
    """Of [channels, rows, columns, ...] what each remainder by the strides has, a row after another."""
    down, across = parts.number(call, "stride_y"), parts.number(call, "stride_x")
    for ky in range(down):
        for kx in range(across):
            yield taps[:, ky::down, kx::across]
