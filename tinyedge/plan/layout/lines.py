# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a convolution, gives lines through the steps (line.py, fine_line.py, bare_line.py)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import bare_line, fine_line, fit32, line
from tinyedge.arithmetic.fixedpoint import Ints
from tinyedge.arithmetic.requantization import Requantization
from tinyedge.graph import Array
from tinyedge.ops import Call
from tinyedge.plan.layout import parts

NONE = {"lines": 0, "line_left": 0, "line_right": 0}
"""What calls of kernels that may have bare lines say where they have none."""


def fit(
    call: Call, rows: Array, form: line.Form, channels: Ints | None = None, least_moved: int | Ints = 0
) -> line.Line | None:
    """Of rows [channels, taps] of weights, for any bytes; None where a channel has no line of this form.

    With `channels`, of these alone.
    """
    scaling, sums = _of(call, rows, channels)
    low, high = scaling.low, scaling.high
    return line.fit(
        scaling.exact, scaling.reals, sums, scaling.zero_point, form, low, high, least_moved=least_moved
    )


def fit_fine(
    call: Call, rows: Array, added: Ints, finer: int, shift: int, channels: Ints
) -> fine_line.FineLine:
    """The same of sums times 2^finer, with what is `added` [channels] given."""
    scaling, sums = _of(call, rows, channels)
    low, high = scaling.low, scaling.high
    return fine_line.fit(
        scaling.exact, scaling.reals, sums, scaling.zero_point, added, finer, shift, low, high
    )


def fit_bare(call: Call, rows: Array, left: int | None = None) -> bare_line.BareLine | None:
    """Of sums without their biases; None where a channel has no such line. `left`: a shift that is given."""
    scaling, sums = _of(call, rows, None)
    low, high = scaling.low, scaling.high
    bias = parts.arrays(call)["bias"].data.astype(np.int64)
    return bare_line.fit(scaling.exact, scaling.reals, sums, bias, scaling.zero_point, low, high, left)


def with_bare(call: Call, found: bare_line.BareLine, weights: Array) -> Call:
    """`call` with weights as the kernel reads them, and a bare line's two words for every channel."""
    changed = {
        "weights": parts.relaid(parts.arrays(call)["weights"], weights),
        "bias": parts.relaid(parts.arrays(call)["bias"], np.zeros(1, np.int32)),
        **parts.words(np.column_stack([found.multipliers, found.added])),
    }
    laid = {"lines": 1, "line_right": found.right}
    return parts.changed(call, {"channel_step": 1}, laid, changed)


def _of(call: Call, rows: Array, channels: Ints | None) -> tuple[Requantization, fit32.Range]:
    scaling, bias = parts.scaling(call).by_channel(len(rows)), parts.arrays(call)["bias"].data
    chosen = np.arange(len(rows)) if channels is None else channels
    scaling = replace(scaling, multipliers=scaling.multipliers[chosen], shifts=scaling.shifts[chosen])
    return scaling, fit32.range_of(rows[chosen], bias[chosen].astype(np.int64), together=False)
