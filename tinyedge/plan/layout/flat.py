# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a window kernel, gives the same layer with more of it in one row: no byte moves.

Kernels make pixels of a row together, and hold their inputs side by side.
"""

from __future__ import annotations

import math

from tinyedge.ops import Call
from tinyedge.plan.layout import parts

AXES = (
    ("in_height", "in_width"),
    ("out_height", "out_width"),
    ("kernel_height", "kernel_width"),
    ("stride_y", "stride_x"),
    ("dilation_y", "dilation_x"),
    ("pad_top", "pad_left"),
)
LARGEST = 32767
"""Of a parameter."""


def lay_down(call: Call) -> Call:
    """`call` with height and width exchanged if input, output and window are one pixel wide."""
    if any(call.params[width] != 1 for width in ("in_width", "out_width", "kernel_width")):
        return call
    return parts.changed(call, {a: parts.number(call, b) for pair in AXES for a, b in (pair, pair[::-1])})


def flatten(call: Call) -> Call:
    """The same; and where each output needs but the input at its place, all pixels as one row."""
    row = lay_down(call)

    def number(field: str) -> int:
        return parts.number(row, field)

    pixels = math.prod(number(size) for size in ("batches", "in_height", "in_width"))
    pointwise = number("kernel_height") == number("kernel_width") == 1
    pointwise = pointwise and number("pad_top") == number("pad_left") == 0
    same = number("in_height") == number("out_height") and number("in_width") == number("out_width")
    if not pointwise or not same or pixels > LARGEST:
        return row
    one = {"batches": 1, "in_height": 1, "out_height": 1, "in_width": pixels, "out_width": pixels}
    one |= {"stride_y": 1, "stride_x": 1}  # any other had but one pixel to step from
    return parts.changed(row, one)


def pointwise(call: Call) -> bool:
    """Whether each output needs but one input, which is there."""
    ones = ("kernel_height", "kernel_width")
    inside = all(
        (parts.number(call, f"out_{side}") - 1) * parts.number(call, f"stride_{axis}")
        < parts.number(call, f"in_{side}")
        for side, axis in (("height", "y"), ("width", "x"))
    )
    unpadded = parts.number(call, "pad_top") == parts.number(call, "pad_left") == 0
    return all(parts.number(call, one) == 1 for one in ones) and inside and unpadded
