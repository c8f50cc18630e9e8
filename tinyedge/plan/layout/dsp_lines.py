# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives the lines through its channels' steps (arithmetic/line.py)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fit32, line
from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import parts


def fit(call: Call, rows: Array, shift: int, most: int) -> line.Line | None:
    """Of rows [channels, taps] of weights, for any bytes; None where outputs cannot be any, or have none."""
    scaling, bias = parts.scaling(call), parts.arrays(call)["bias"].data.astype(np.int64)
    if (scaling.low, scaling.high) != (-128, 127):
        return None
    multipliers, shifts = (np.broadcast_to(each, len(rows)) for each in (scaling.multipliers, scaling.shifts))
    scaling = replace(scaling, multipliers=multipliers, shifts=shifts)
    sums = fit32.range_of(rows, bias, together=False)
    return line.fit(scaling.exact, scaling.reals, sums, scaling.zero_point, line.Form(shift, False, most))
