# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a recurrent layer or of a product of matrices, gives it where the DSP kernel is exact."""

from __future__ import annotations

from tinyedge.arithmetic import fixedpoint
from tinyedge.ops import Call
from tinyedge.plan.layout import dsp_scale, parts
from tinyedge.plan.layout.dsp_scale import RIGHT


def batch_matmul(call: Call) -> Call | None:
    """Operands that both lie along their depth, or columns that are neighbours."""
    depth, a_depth, b_depth, b_column, shift = (
        parts.number(call, name) for name in ("depth", "a_depth", "b_depth", "b_column", "shift")
    )
    lies = a_depth == b_depth == 1 or b_column == 1
    return call if lies and shift < 0 and dsp_scale.fits(depth * parts.PRODUCT, shift) else None


def lstm(call: Call) -> Call | None:
    """Sums that can be doubled; results are divided by a power of two, or kept."""
    arrays = parts.arrays(call)
    for of, weights, bias in (("in", "weights", "bias"), ("state", "recurrent", "state_bias")):
        shifts = call.params[f"{of}_shift"]
        assert isinstance(shifts, tuple)
        for rows, begins, shift in zip(arrays[weights].data, arrays[bias].data, shifts, strict=True):
            if not dsp_scale.fits(int(fixedpoint.reach(rows, begins, -128, 127).max()), shift):
                return None
    return call if RIGHT <= parts.number(call, "out_shift") <= 0 else None
