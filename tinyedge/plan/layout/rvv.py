# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/rvv/: channels side by side, as the lanes of vectors of any length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyedge.arithmetic import fit_high
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import column, pixel

FEW, MANY, PIXELS = 16, 6, 3
"""Output pixels that a convolution makes at once: MANY where groups have up to FEW channels, else PIXELS."""
WINDOWS = 1776
"""Inputs that it has read before it writes the first output."""
LANES = 64
"""Channels of pixels that a depthwise convolution makes at once, if they have fewer."""
STRIP = 2048
"""Inputs that its stack holds."""
INPUT, HALF, ROUND, TOTAL = 9, 6, 14, 20
"""Instructions of a dense layer: for an input and LANES channels, the same with half as many, for LANES
inputs of a channel, and for a channel."""
OUTPUTS = 128
"""Outputs of one input channel, at most: bytes count them."""


def conv_2d(call: Call) -> Call:
    """Weights [groups, taps, channels of a group]; of a dense layer for a single pixel, if there is one."""
    dense = pixel.as_dense(call)
    laid = None if dense is None else fully_connected(dense)
    if laid is not None:
        return laid
    call = column.lay_down(call)
    groups, channels = _number(call, "groups"), _number(call, "out_channels")
    rows = _arrays(call)["weights"].data.reshape(groups, channels // groups, -1)
    together = MANY if channels // groups <= FEW else PIXELS
    early = groups == 1 and rows.shape[2] <= WINDOWS // together
    ahead = 0 if early else together - 1
    return replace(_laid(call, rows.swapaxes(1, 2), 1), ahead=ahead)


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights [taps, pixels at once, channels]; None where the stack is too small for a channel's window.

    Outputs of a single input channel are a convolution.
    """
    call = column.lay_down(call)
    channels = _number(call, "out_channels")
    if _number(call, "in_channels") == 1 and channels > 1:
        return conv_2d(_as_convolution(call))
    height, stride = _number(call, "kernel_height"), _number(call, "stride_x")
    span = (_number(call, "kernel_width") - 1) * _number(call, "dilation_x") + 1
    if height * span > STRIP or _number(call, "multiplier") > OUTPUTS:
        return None
    fits = stride == 1 or height * (span + 2 * stride) * channels <= STRIP
    together = LANES // channels if fits and channels < LANES else 1
    taps = _arrays(call)["weights"].data.reshape(-1, channels)
    return _laid(call, np.tile(taps, together), together)


def fully_connected(call: Call) -> Call | None:
    """Weights [depth, channels], or [channels, depth] if that is faster.

    None where 32-bit arithmetic cannot give the same outputs.
    """
    arrays = _arrays(call)
    rows = arrays["weights"].data
    fitted = fit_high.of_layer(call.params, {role: array.data for role, array in arrays.items()}, rows)
    if fitted is None:
        return None
    channels, depth = rows.shape
    # Instructions of a round over inputs, and of the sum of a channel, with vectors of 128 bits.
    whole, rest = divmod(channels, LANES)
    by_input = depth * (INPUT * whole + (INPUT if rest > LANES // 2 else HALF if rest else 0))
    by_channel = channels * (ROUND * -(-depth // LANES) + TOTAL)
    few = channels <= LANES and by_channel < by_input
    params = dict(call.params) | {"fitted": 1, "left": fitted.left, "right": fitted.right}
    params["chunk"] = depth if few else 0
    multipliers = np.broadcast_to(fitted.multipliers.astype(np.int32), (channels,))
    weights = rows if few else np.ascontiguousarray(rows.T)
    changed = {
        "weights": replace(arrays["weights"], data=weights, laid_from=rows),
        "multiplier": Constant("multiplier", np.ascontiguousarray(multipliers)),
        "shift": Constant("shift", np.zeros(1, np.int8)),
    }
    return _changed(call, params, changed)


def _laid(call: Call, weights: Array, together: int) -> Call:
    """`call` with `weights`, and a bias, a multiplier and a shift for all channels of pixels at once."""
    arrays, channels = _arrays(call), _number(call, "out_channels")
    changed = {"weights": replace(_held(arrays["weights"]), data=np.ascontiguousarray(weights))}
    for role in ("bias", "multiplier", "shift"):
        each = np.broadcast_to(arrays[role].data, (channels,))
        changed[role] = replace(_held(arrays[role]), data=np.tile(each, together))
    return _changed(call, dict(call.params) | {"channel_step": 1}, changed)


def _held(constant: Constant) -> Constant:
    return replace(constant, laid_from=constant.held)


def _as_convolution(call: Call) -> Call:
    params = {name: value for name, value in call.params.items() if name != "multiplier"} | {"groups": 1}
    weights = _arrays(call)["weights"]
    rows = weights.data.reshape(-1, _number(call, "out_channels")).T
    turned = replace(call, contract="conv_2d", kernel="conv_2d_s8", params=params)
    return _changed(turned, params, {"weights": replace(weights, data=rows, laid_from=weights.held)})


def _number(call: Call, field: str) -> int:
    value = call.params[field]
    assert isinstance(value, int)
    return value


def _arrays(call: Call) -> Mapping[str, Constant]:
    return {a.role: a for a in call.arguments if isinstance(a, Constant)}


def _changed(call: Call, params: Mapping[str, Any], arrays: Mapping[str, Constant]) -> Call:
    arguments = tuple(arrays.get(a.role, a) if isinstance(a, Constant) else a for a in call.arguments)
    return replace(call, params=params, arguments=arguments)


LAYOUTS = {
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "fully_connected_s8": fully_connected,
}
