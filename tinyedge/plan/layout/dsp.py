# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/dsp/: a word for every four weights of a channel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.ops import Call
from tinyedge.plan.layout import column, pixel, scalar, scalar_dense

FOUR = 4
CHANNELS = 2
"""Channels that share the loads of inputs."""
ROWS = 4
"""Channels of a dense layer that share the loads of inputs."""
TAPS = 504
"""Taps of a pixel that the kernel's stack holds: TE_CONV_2D_S8_DSP_TAPS."""
BLOCK = 32
"""Channels whose sums wait for the next part of a larger window: TE_CONV_2D_S8_DSP_BLOCK."""


def conv_2d(call: Call) -> Call:
    """Weights as firmware/kernels/dsp/conv_2d_s8.c describes; of a dense layer for a single pixel."""
    dense = pixel.as_dense(call)
    if dense is not None:
        return fully_connected(dense)
    call = column.lay_down(call)
    groups = scalar.number(call, "groups")
    rows = scalar.arrays_of(call)["weights"].data
    rows = rows.reshape(rows.shape[0], -1)
    channels, taps = len(rows) // groups, rows.shape[1]
    padded = np.pad(rows.reshape(groups, channels, -1), ((0, 0), (0, 0), (0, -taps % FOUR)))
    fours = padded.reshape(groups, channels, -1, FOUR)
    blocks = [
        group[begin : min(begin + CHANNELS, first + BLOCK), part : part + TAPS // FOUR].swapaxes(0, 1).ravel()
        for group in fours
        for first in range(0, channels, BLOCK)
        for part in range(0, fours.shape[2], TAPS // FOUR)
        for begin in range(first, min(first + BLOCK, channels), CHANNELS)
    ]
    # Groups, and the parts of a large window, are read one after another while outputs are written.
    early = groups == 1 and taps <= TAPS
    ahead = 0 if early else 1
    return replace(scalar.laid(call, rows, np.concatenate(blocks)), ahead=ahead)


def fully_connected(call: Call) -> Call:
    """Weights as firmware/kernels/dsp/fully_connected_s8.c describes; shorter requantisation if exact."""
    weights = scalar.arrays_of(call)["weights"]
    rows = weights.data
    words = np.pad(rows, ((0, 0), (0, -rows.shape[1] % FOUR))).reshape(len(rows), -1, FOUR)
    whole = len(rows) // ROWS * ROWS
    begins = [*range(0, whole, ROWS), *range(whole, len(rows))]
    blocks = [block.swapaxes(0, 1).ravel() for block in np.split(words, begins[1:])]
    laid = replace(weights, data=np.concatenate(blocks), laid_from=weights.held)
    return scalar_dense.requantized(call, {}, {"weights": laid})


LAYOUTS = {"conv_2d_s8": conv_2d, "fully_connected_s8": fully_connected}
