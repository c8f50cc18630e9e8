# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/dsp/: a word for every four weights of a channel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.layout import column, scalar
from tinyedge.ops import Call

FOUR = 4
CHANNELS = 2
"""Channels that share the loads of inputs."""
TAPS = 504
"""Taps of a pixel that the kernel's stack holds: TE_CONV_2D_S8_DSP_TAPS."""
BLOCK = 32
"""Channels whose sums wait for the next part of a larger window: TE_CONV_2D_S8_DSP_BLOCK."""


def conv_2d(call: Call) -> Call:
    """Weights as firmware/kernels/dsp/conv_2d_s8.c describes."""
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
    ahead = 0 if early else scalar.number(call, "out_channels")
    return replace(scalar.laid(call, rows, np.concatenate(blocks)), ahead=ahead)


LAYOUTS = {"conv_2d_s8": conv_2d}
