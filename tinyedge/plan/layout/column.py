# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a window kernel, gives the same for a column of pixels as for a row: no byte differs.

Kernels make pixels of a row together, and hold their inputs side by side.
"""

from __future__ import annotations

from dataclasses import replace

from tinyedge.ops import Call

AXES = (
    ("in_height", "in_width"),
    ("out_height", "out_width"),
    ("kernel_height", "kernel_width"),
    ("stride_y", "stride_x"),
    ("dilation_y", "dilation_x"),
    ("pad_top", "pad_left"),
)


def lay_down(call: Call) -> Call:
    """`call` with height and width exchanged if input, output and window are one pixel wide."""
    if any(call.params[width] != 1 for width in ("in_width", "out_width", "kernel_width")):
        return call
    turned = {a: call.params[b] for pair in AXES for a, b in (pair, pair[::-1])}
    return replace(call, params=dict(call.params) | turned)
