# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/scalar/: streams of weights for products that hold two sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.ops import Array, Call, Constant

BLOCK = 8
"""Channels whose sums a kernel keeps at a time."""
FOUR = 4
"""Products that are summed up packed."""
PAIRS = 640
"""Taps of two pixels that the kernel's stack holds."""
HALF = 2**15


def conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/scalar/conv_2d_s8.c describes; None where its stack is too small."""
    groups = call.params["groups"]
    assert isinstance(groups, int)
    weights = next(a for a in call.arguments if isinstance(a, Constant) and a.role == "weights")
    taps = weights.data.reshape(groups, weights.data.shape[0] // groups, -1)
    padded = np.pad(taps, ((0, 0), (0, 0), (0, -taps.shape[2] % FOUR)))
    if groups * padded.shape[2] > PAIRS:
        return None
    stream = [_block(rows) for group in padded for rows in _blocks(group)]
    laid = replace(weights, data=np.concatenate(stream), laid_from=weights.held)
    return replace(call, arguments=tuple(laid if a is weights else a for a in call.arguments))


def _blocks(channels: Array) -> list[Array]:
    whole = len(channels) // BLOCK * BLOCK
    return np.split(channels, [*range(BLOCK, whole, BLOCK), *range(whole, len(channels))])[0 if whole else 1 :]


def _block(rows: Array) -> Array:
    """The stream's bytes for the rows [channels, taps] of a block."""
    kept = rows.astype(np.int64).reshape(len(rows), -1, FOUR)
    apart = []
    while True:
        # Inputs are -128 to 127, and four products must lie in -2^15 to 2^15 - 1.
        most = np.maximum(127 * kept, -128 * kept).sum(axis=2)
        least = np.minimum(127 * kept, -128 * kept).sum(axis=2)
        over = np.argwhere((most >= HALF) | (least < -HALF))
        if not len(over):
            break
        for channel, four in over:
            which = int(np.abs(kept[channel, four]).argmax())
            tap = int(four) * FOUR + which
            apart.append((tap & 255, tap >> 8, int(channel), int(kept[channel, four, which]) & 255))
            kept[channel, four, which] = 0
    main = kept.swapaxes(0, 1).astype(np.int8).ravel()
    rest = np.array([(len(apart) & 255, len(apart) >> 8, 0, 0), *apart], np.uint8)
    return np.concatenate([main, rest.ravel().view(np.int8)])


LAYOUTS = {"conv_2d_s8": conv_2d}
