# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/dsp/: bytes in the order in which SXTB16 makes pairs of them."""

from __future__ import annotations

import numpy as np

from tinyedge.layout import scalar
from tinyedge.ops import Call

FOUR = 4
CHANNELS = 2
"""Channels that share the loads of inputs."""
TAPS = 640
"""Taps of a pixel that the kernel's stack holds."""


def conv_2d(call: Call) -> Call | None:
    """Weights as firmware/kernels/dsp/conv_2d_s8.c describes; None where its stack is too small."""
    groups = scalar.number(call, "groups")
    rows = scalar.arrays_of(call)["weights"].data
    rows = rows.reshape(rows.shape[0], -1)
    taps = rows.reshape(groups, len(rows) // groups, -1)
    padded = np.pad(taps, ((0, 0), (0, 0), (0, -taps.shape[2] % FOUR)))
    if groups * padded.shape[2] > TAPS:
        return None
    fours = padded.reshape(groups, taps.shape[1], -1, FOUR)[..., [0, 2, 1, 3]]
    blocks = [
        group[first : first + CHANNELS].swapaxes(0, 1).ravel()
        for group in fours
        for first in range(0, len(group), CHANNELS)
    ]
    return scalar.laid(call, rows, np.concatenate(blocks))


LAYOUTS = {"conv_2d_s8": conv_2d}
