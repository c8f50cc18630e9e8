# SPDX-License-Identifier: Apache-2.0
"""Layouts of firmware/kernels/rvv/: output channels side by side."""

from __future__ import annotations

import numpy as np

from tinyedge.layout import scalar
from tinyedge.ops import Call

TAPS = 640
"""Taps of a pixel that the kernel's stack holds."""


def conv_2d(call: Call) -> Call | None:
    """Weights [groups, taps, channels of the group].

    None where the kernel's stack is too small, or there is no short requantisation.
    """
    groups = scalar.number(call, "groups")
    rows = scalar.arrays_of(call)["weights"].data
    rows = rows.reshape(rows.shape[0], -1)
    if groups * rows.shape[1] > TAPS:
        return None
    taps = rows.reshape(groups, len(rows) // groups, -1).swapaxes(1, 2)
    laid = scalar.laid(call, rows, np.ascontiguousarray(taps))
    return laid if laid.params.get("high") else None


def depthwise_conv_2d(call: Call) -> Call | None:
    """Weights as they are; None where channels have several outputs, or there is no short requantisation."""
    if scalar.number(call, "multiplier") != 1:
        return None
    weights = scalar.arrays_of(call)["weights"].data
    rows = weights.reshape(-1, scalar.number(call, "out_channels")).T
    laid = scalar.laid(call, rows, weights)
    return laid if laid.params.get("high") else None


LAYOUTS = {"conv_2d_s8": conv_2d, "depthwise_conv_2d_s8": depthwise_conv_2d}
