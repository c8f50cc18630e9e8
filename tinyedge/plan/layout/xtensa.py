# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/xtensa/: as those of scalar/, for cores that load bytes without a sign."""

from __future__ import annotations

import numpy as np

from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import header, pairs, parts, scalar, scalar_dense, softmax

FOURS, BLOCK, FOUR, WORDS = (
    header.number("xtensa/conv_2d.h", f"TE_CONV_2D_XTENSA_{name}")
    for name in ("FOURS", "BLOCK", "FOUR", "WORDS")
)
PIXELS, AT_MOST, STRIP = (
    header.number("xtensa/depthwise_conv_2d.h", f"TE_DEPTHWISE_CONV_2D_XTENSA_{name}")
    for name in ("PIXELS", "MOST", "STRIP")
)
STRETCH = 14
"""Instructions of a depthwise channel's pixels besides loads, products and what each pixel takes."""
HALF = 2**15
"""Packed sums lie in -HALF to HALF - 1."""


def conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/xtensa/conv_2d_s8.c describes; None where its stack is too small."""
    groups = parts.number(call, "groups")
    rows = parts.weights(call).reshape(parts.number(call, "out_channels"), -1)
    taps = rows.reshape(groups, len(rows) // groups, -1)
    padded = np.pad(taps, ((0, 0), (0, 0), (0, -taps.shape[2] % FOUR)))
    if groups * padded.shape[2] > FOURS * FOUR:
        return None
    stream = [_block(group[c : c + BLOCK]) for group in padded for c in range(0, len(group), BLOCK)]
    return scalar.convolution(call, rows, np.concatenate(stream))


def depthwise_conv_2d(call: Call) -> Call | None:
    """As for scalar/; windows of 3 x 3 neighbours as many at once as take the fewest instructions.

    The bias is less 128 times the sum of a channel's weights: inputs come as + 128.
    """
    stride = parts.number(call, "stride_x")
    sides = (parts.number(call, f"kernel_{side}") for side in ("height", "width"))
    if (*sides, parts.number(call, "dilation_x")) != (3, 3, 1) or stride > 2:
        return small_depthwise_conv_2d(call)
    counts = range(PIXELS, AT_MOST + 1)
    return _depthwise(call, min(counts, key=lambda pixels: _instructions(call, pixels)), stride)


def small_depthwise_conv_2d(call: Call) -> Call | None:
    """The same where size counts: one function for windows of any kind."""
    return _depthwise(call, PIXELS, 0)


def _depthwise(call: Call, pixels: int, stride: int) -> Call | None:
    laid = scalar.depthwise(call, pixels, STRIP, scalar.convolution)
    if laid is None:
        return None
    bias, weights = parts.arrays(laid)["bias"], parts.weights(laid).astype(np.int64)
    less = (bias.data - 128 * weights.sum(axis=1)).astype(np.int32)
    return parts.changed(
        laid, laid={"pixels": pixels, "stride": stride}, arrays={"bias": parts.relaid(bias, less)}
    )


def _instructions(call: Call, pixels: int) -> int:
    """About, of a channel of a row of outputs of 3 x 3 taps, besides requantisation."""
    columns = (pixels - 1) * parts.number(call, "stride_x") + 3
    stretch = 3 * columns + 2 * 9 * (1 + pixels) + STRETCH
    return -(-parts.number(call, "out_width") // pixels) * stretch


def fully_connected(call: Call) -> Call:
    """As for scalar/, fewer channels at once."""
    return scalar_dense.fully_connected(call, scalar_dense.XTENSA)


def _block(rows: Array) -> Array:
    """The stream's bytes for the rows [channels, taps] of a block."""
    kept, apart = _taken_apart(rows)
    entries = [(len(apart) & 255, len(apart) >> 8, 0, 0)]
    for channel, tap in apart:
        at = 4 * (tap // FOUR * WORDS + tap % FOUR)  # in bytes
        entries.append((at & 255, at >> 8, 4 * channel, int(rows[channel, tap]) & 255))
    unsigned = (kept.swapaxes(0, 1).ravel() + 128).astype(np.uint8)
    return np.concatenate([unsigned, np.array(entries, np.uint8).ravel()]).view(np.int8)


def _taken_apart(rows: Array) -> tuple[Array, list[tuple[int, int]]]:
    """Rows [channels, fours, 4] of int64 whose sums of four products stay in 16 bits, and what was set to 0.

    The latter as (channel, tap) of `rows` [channels, taps].
    """
    kept = rows.astype(np.int64).reshape(len(rows), -1, FOUR)
    apart: list[tuple[int, int]] = []
    while True:
        # Inputs are -128 to 127, and four products must lie in -2^15 to 2^15 - 1.
        most = np.maximum(127 * kept, -128 * kept).sum(axis=2)
        least = np.minimum(127 * kept, -128 * kept).sum(axis=2)
        over = np.argwhere((most >= HALF) | (least < -HALF))
        if not len(over):
            return kept, apart
        for channel, four in over:
            which = int(np.abs(kept[channel, four]).argmax())
            apart.append((int(channel), int(four) * FOUR + which))
            kept[channel, four, which] = 0


LAYOUTS = {
    "add_s16": pairs.short_add,
    "conv_2d_s8": conv_2d,
    "depthwise_conv_2d_s8": depthwise_conv_2d,
    "fully_connected_s8": fully_connected,
    "softmax_s8": softmax.softmax,
    "softmax_s8_s16": softmax.softmax,
}
SMALL = {"depthwise_conv_2d_s8": small_depthwise_conv_2d}
