# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/mac16/: weights without a sign, in words of four."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call, Scratch
from tinyedge.plan.layout import flat, header, parts, recast, scalar, scalar_dense

FOUR, ITEM, GAP, ZERO = (
    header.number("mac16/mac16.h", f"TE_MAC16_{name}") for name in ("FOUR", "ITEM", "GAP", "ZERO")
)
PIXELS, ROOM = (header.number("mac16/conv_2d.h", f"TE_CONV_2D_MAC16_{name}") for name in ("PIXELS", "ROOM"))
MOST = 65535
"""Taps whose products fit 40 bits."""


def conv_2d(call: Call) -> Call | None:
    """As many pixels at once as there is room for; None for groups, and windows that are too large."""
    dense = recast.as_dense(call)
    if dense is not None:
        return fully_connected(dense)
    call = flat.flatten(call)
    rows = parts.weights(call).reshape(parts.number(call, "out_channels"), -1)
    size = _size(rows.shape[1])
    if parts.number(call, "groups") > 1 or size > ROOM:
        return None
    pixels = min(PIXELS, ROOM // size, parts.number(call, "out_height") * parts.number(call, "out_width"))
    laid = parts.changed(scalar.convolution(call, rows, _words(rows)), laid={"pixels": pixels})
    return _with_window(laid, (pixels + 2) * size)


def depthwise_conv_2d(call: Call) -> Call | None:
    """Where all outputs share one input channel, a convolution; else none."""
    convolution = recast.as_convolution(call)
    return None if convolution is None else conv_2d(convolution)


def fully_connected(call: Call) -> Call | None:
    """The same words; None for inputs whose sums leave 40 bits."""
    arrays = parts.arrays(call)
    rows = arrays["weights"].data
    if rows.shape[1] > MOST:
        return None
    changed = {"weights": parts.relaid(arrays["weights"], _words(rows))}
    laid = parts.changed(scalar_dense.requantized(call, rows), arrays=changed)
    return _with_window(laid, _size(rows.shape[1]))


def _with_window(call: Call, size: int) -> Call:
    return replace(call, arguments=(*call.arguments, Scratch(size, "window")))


def _size(taps: int) -> int:
    """Bytes of a window, and of what is read behind it."""
    return -(-taps // FOUR) * FOUR * ITEM + GAP


def _words(rows: Array) -> Array:
    """`rows` [channels, taps] plus 128, by fours; of each the second and third change places."""
    fours = np.pad(rows, ((0, 0), (0, -rows.shape[1] % FOUR))).reshape(-1, FOUR)
    words: Array = (fours[:, [0, 2, 1, 3]].astype(np.int64) + ZERO).astype(np.uint8).view(np.int8).ravel()
    return words


LAYOUTS = {
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "fully_connected_s8": fully_connected,
}
