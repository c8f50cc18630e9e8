# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a recurrent layer or of a product of matrices, gives it where the DSP kernel is exact."""

from __future__ import annotations

from tinyedge.arithmetic import fixedpoint
from tinyedge.ops import Call
from tinyedge.plan.layout import parts

MOST = 2**31
"""Sums stay below it when they are shifted to the left, and doubled."""
RIGHT = -22
"""Shift by which the kernel divides at most."""
PRODUCT = 255**2
"""Of two bytes less their zero points, at most."""


def batch_matmul(call: Call) -> Call | None:
    """Operands that both lie along their depth, or columns that are neighbours."""
    depth, a_depth, b_depth, b_column, shift = (
        parts.number(call, name) for name in ("depth", "a_depth", "b_depth", "b_column", "shift")
    )
    good = (a_depth == b_depth == 1 or b_column == 1) and 2 * depth * PRODUCT < MOST
    return call if good and RIGHT <= shift < 0 else None


def lstm(call: Call) -> Call | None:
    """Sums that can be doubled; results are divided by a power of two, or kept."""
    arrays = parts.arrays(call)
    for of, weights, bias in (("in", "weights", "bias"), ("state", "recurrent", "state_bias")):
        shifts = call.params[f"{of}_shift"]
        assert isinstance(shifts, tuple)
        for rows, begins, shift in zip(arrays[weights].data, arrays[bias].data, shifts, strict=True):
            most = int(fixedpoint.reach(rows, begins, -128, 127).max())
            if shift < RIGHT or most << (max(shift, 0) + 1) >= MOST:
                return None
    return call if RIGHT <= parts.number(call, "out_shift") <= 0 else None
