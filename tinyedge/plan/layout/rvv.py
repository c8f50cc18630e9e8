# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/rvv/: channels side by side, as the lanes of vectors of any length."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fit_high
from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import (
    flat,
    header,
    parts,
    pools,
    recast,
    rvv_matmul,
    rvv_rows,
    rvv_short,
    rvv_transpose,
    short,
    words,
)

FEW, MANY, PIXELS, WINDOWS = (
    header.number("rvv/conv_2d.h", f"TE_CONV_2D_RVV_{name}") for name in ("FEW", "MANY", "PIXELS", "WINDOWS")
)
STRIP, OUTPUTS = (
    header.number("rvv/depthwise_conv_2d.h", f"TE_DEPTHWISE_CONV_2D_RVV_{name}")
    for name in ("STRIP", "OUTPUTS")
)
LANES = header.number("rvv/vector.h", "TE_RVV_BLOCK")
RESIZED = header.number("rvv/resize_bilinear.h", "TE_RESIZE_BILINEAR_RVV_FEW")
LARGEST = 4
"""Bytes of a lane."""
INPUT, HALF, ROUND, TOTAL = 9, 6, 14, 20
"""Instructions of a dense layer: for an input and LANES channels, the same with half as many, for LANES
inputs of a channel, and for a channel."""


def conv_2d(call: Call) -> Call:
    """Lanes are outputs of a row where that is faster, else as for small code."""
    return rvv_rows.conv_2d(flat.lay_down(call)) or small_conv_2d(call)


def small_conv_2d(call: Call) -> Call:
    """Lanes are channels; a dense layer for a single pixel, if there is one."""
    dense = recast.as_dense(call)
    laid = None if dense is None else fully_connected(dense)
    return by_channel(flat.lay_down(call)) if laid is None else laid


def by_channel(call: Call) -> Call:
    """Weights [groups, taps, channels of a group]."""
    groups, channels = parts.number(call, "groups"), parts.number(call, "out_channels")
    rows = parts.weights(call).reshape(groups, channels // groups, -1)
    together = MANY if channels // groups <= FEW else PIXELS
    early = groups == 1 and rows.shape[2] <= WINDOWS // together
    ahead = 0 if early else together - 1
    return replace(_laid(call, rows.swapaxes(1, 2), 1), ahead=ahead)


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights [taps, pixels at once, channels]; None where the stack is too small for a channel's window.

    Outputs of a single input channel are a convolution.
    """
    convolution = recast.as_convolution(call)
    return depthwise(flat.lay_down(call)) if convolution is None else conv_2d(convolution)


def small_depthwise_conv_2d(call: Call) -> Call | None:
    """The same where size counts."""
    convolution = recast.as_convolution(call)
    return depthwise(flat.lay_down(call)) if convolution is None else small_conv_2d(convolution)


def depthwise(call: Call) -> Call | None:
    """The same of several input channels."""
    channels = parts.number(call, "out_channels")
    height, stride = parts.number(call, "kernel_height"), parts.number(call, "stride_x")
    span = (parts.number(call, "kernel_width") - 1) * parts.number(call, "dilation_x") + 1
    if height * span > STRIP or parts.number(call, "multiplier") > OUTPUTS:
        return None
    fits = stride == 1 or height * (span + 2 * stride) * channels <= STRIP
    together = LANES // channels if fits and channels < LANES else 1
    taps = parts.weights(call).reshape(-1, channels)
    return _laid(call, np.tile(taps, together), together)


def fully_connected(call: Call) -> Call | None:
    """Weights [depth, channels], or [channels, depth] if that is faster.

    None where 32-bit arithmetic cannot give the same outputs.
    """
    arrays = parts.arrays(call)
    rows = arrays["weights"].data
    fitted = fit_high.of_layer(parts.scaling(call), rows, arrays["bias"].data)
    if fitted is None:
        return None
    channels, depth = rows.shape
    # Instructions of a round over inputs, and of the sum of a channel, with vectors of 128 bits.
    whole, rest = divmod(channels, LANES)
    by_input = depth * (INPUT * whole + (INPUT if rest > LANES // 2 else HALF if rest else 0))
    by_channel = channels * (ROUND * -(-depth // LANES) + TOTAL)
    few = channels <= LANES and by_channel < by_input
    laid = {"left": fitted.left, "right": fitted.right, "few": int(few)}
    changed = {"weights": parts.relaid(arrays["weights"], rows if few else rows.T)}
    return parts.changed(
        call, laid=laid, arrays={**changed, **parts.words(np.broadcast_to(fitted.multipliers, (channels,)))}
    )


def lstm(call: Call) -> Call:
    """The weights of each gate as [depth, cells]."""
    arrays = parts.arrays(call)
    relaid = {
        role: parts.relaid(arrays[role], arrays[role].data.swapaxes(1, 2))
        for role in ("weights", "recurrent")
    }
    return parts.changed(call, arrays=relaid)


def svdf(call: Call) -> Call:
    """The constants of filters with units last, behind the number of a unit's filter."""
    arrays, rank = parts.arrays(call), parts.number(call, "rank")
    relaid = {}
    for role in ("features", "feature_bias", "time"):
        filters = arrays[role].data.reshape(-1, rank, arrays[role].data[0].size)
        relaid[role] = parts.relaid(arrays[role], filters.transpose(1, 2, 0))
    return parts.changed(call, arrays=relaid)


def resize_bilinear(call: Call) -> Call:
    """Of few channels a row at a time, one of them after another."""
    few = parts.number(call, "channels") < RESIZED
    return replace(call, ahead=parts.number(call, "out_width") - 1 if few else 0)


def select(call: Call) -> Call | None:
    """Elements that are lanes of a vector."""
    return call if parts.number(call, "width") <= LARGEST else None


def _laid(call: Call, weights: Array, together: int) -> Call:
    """`call` with `weights`, and a bias, a multiplier and a shift for all channels of pixels at once."""
    arrays, channels = parts.arrays(call), parts.number(call, "out_channels")
    changed = {"weights": parts.relaid(arrays["weights"], weights)}
    for role in ("bias", "multiplier", "shift"):
        each = np.broadcast_to(arrays[role].data, (channels,))
        changed[role] = parts.relaid(arrays[role], np.tile(each, together))
    return parts.changed(call, {"channel_step": 1}, arrays=changed)


LAYOUTS = {
    **dict.fromkeys(("average_pool_2d_s16", "average_pool_2d_s8"), pools.many),
    "batch_matmul_s16": rvv_matmul.batch_matmul,
    "batch_matmul_s16_s8": rvv_matmul.batch_matmul,
    "conv_2d_s16": rvv_short.conv_2d,
    "conv_2d_s16_narrow": rvv_short.conv_2d_narrow,
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "depthwise_conv_2d_s16": short.depthwise_conv_2d,
    "fully_connected_s16": rvv_short.fully_connected,
    "fully_connected_s8": fully_connected,
    "lstm_s8": lstm,
    **dict.fromkeys(("max_pool_2d_s16", "max_pool_2d_s8"), pools.more),
    **dict.fromkeys((f"resize_bilinear_{end}" for end in ("s8", "u8", "s16")), resize_bilinear),
    "select": select,
    "strided_copy_s16": words.strided_copy,
    "strided_copy_s8": words.strided_copy,
    "svdf_s8": svdf,
    "svdf_s8_narrow": svdf,
    "transpose_conv_s16": rvv_transpose.transpose_conv_s16,
    "transpose_conv_s16_narrow": rvv_transpose.transpose_conv_s16_narrow,
    "transpose_conv_s8": rvv_transpose.transpose_conv_s8,
}
SMALL = {"conv_2d_s8": small_conv_2d, "depthwise_conv_2d_s8": small_depthwise_conv_2d}
