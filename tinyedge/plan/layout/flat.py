# SPDX-License-Identifier: Apache-2.0
"""Takes the parameters of a window's layer, gives those of the same layer with more of it in one row."""

from __future__ import annotations

import math
from collections.abc import Mapping

LARGEST = 32767
"""Of a parameter."""


def turned(params: Mapping[str, int]) -> dict[str, int]:
    """A layer over a single column as one over a single row: bytes lie in the same order."""
    row = dict(params)
    if params["in_width"] == params["kernel_width"] == 1 and params["pad_left"] == 0:
        for down, across in (
            ("in_height", "in_width"),
            ("out_height", "out_width"),
            ("kernel_height", "kernel_width"),
            ("stride_y", "stride_x"),
            ("dilation_y", "dilation_x"),
            ("pad_top", "pad_left"),
        ):
            row[down], row[across] = params[across], params[down]
    return row


def flattened(params: Mapping[str, int]) -> dict[str, int]:
    """The same; and where each output needs but the input at its place, all pixels as one row."""
    row = turned(params)
    pixels = math.prod(row[size] for size in ("batches", "in_height", "in_width"))
    pointwise = row["kernel_height"] == row["kernel_width"] == 1 and row["pad_top"] == row["pad_left"] == 0
    same = row["in_height"] == row["out_height"] and row["in_width"] == row["out_width"]
    if pointwise and same and pixels <= LARGEST:
        row |= {"batches": 1, "in_height": 1, "out_height": 1, "in_width": pixels, "out_width": pixels}
    return row
