# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of an operator of two activations, gives it where kernels that only divide are exact."""

from __future__ import annotations

from tinyedge.ops import Call
from tinyedge.plan.layout import parts

MOST = 22
"""Bits by which results may be shifted to the right: zero points are shifted to the left by as many."""
ZERO_POINTS = ("a_zero_point", "b_zero_point", "out_zero_point")


def mul(call: Call) -> Call | None:
    """Results that are divided by a power of two, at least 2."""
    return call if 1 <= -parts.number(call, "shift") <= MOST else None


def short_mul(call: Call) -> Call | None:
    """The same with zero points of 0, as those of int16 are."""
    return mul(call) if _centred(call) else None


def short_add(call: Call) -> Call | None:
    """The same of sums; operands are divided, or are not."""
    shifts = [parts.number(call, f"{of}_shift") for of in ("a", "b")]
    small = _centred(call) and all(-MOST <= shift <= 0 for shift in shifts)
    return call if small and 1 <= -parts.number(call, "out_shift") <= MOST else None


def _centred(call: Call) -> bool:
    return not any(parts.number(call, name) for name in ZERO_POINTS)
