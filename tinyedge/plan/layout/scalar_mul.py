# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a product of int8 tensors, gives it with one high multiplication where that is exact."""

from __future__ import annotations

import numpy as np

from tinyedge.arithmetic import high
from tinyedge.ops import Call
from tinyedge.plan.layout import parts


def mul(call: Call) -> Call | None:
    """Constants of te_requantize_high; None where the shift is none that it has."""
    multiplier, shift = (np.array([parts.number(call, name)], np.int64) for name in ("multiplier", "shift"))
    most = np.array([_most(call, "a") * _most(call, "b")], np.int64)
    short = high.twice_rounded(multiplier, shift, parts.number(call, "out_zero_point"), -most, most)
    if short is None:
        return None
    (constants,), (right,) = short
    laid = {"added": int(constants[1]), "right": int(right)}
    return parts.changed(call, {"multiplier": int(constants[0])}, laid)


def _most(call: Call, operand: str) -> int:
    """How far an element can be from its zero point."""
    zero_point = parts.number(call, f"{operand}_zero_point")
    return max(127 - zero_point, 128 + zero_point)
