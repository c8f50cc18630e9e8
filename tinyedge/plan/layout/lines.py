# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives the lines through its channels' steps (arithmetic/line.py)."""

from __future__ import annotations

import numpy as np

from tinyedge.arithmetic import fit32, line
from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import parts


def fit(call: Call, rows: Array, form: line.Form) -> line.Line | None:
    """Of rows [channels, taps] of weights, for any bytes; None where a channel has no line of this form."""
    scaling, bias = parts.scaling(call).by_channel(len(rows)), parts.arrays(call)["bias"].data
    sums = fit32.range_of(rows, bias.astype(np.int64), together=False)
    return line.fit(scaling.exact, scaling.reals, sums, scaling.zero_point, form, scaling.low, scaling.high)
