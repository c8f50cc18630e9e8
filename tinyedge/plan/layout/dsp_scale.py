# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a mean of bytes, gives it where the DSP kernel is exact."""

from __future__ import annotations

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.ops import Call
from tinyedge.plan.layout import parts

MOST = 2**31
"""Sums stay below it when they are shifted to the left, and doubled."""
RIGHT = -30
"""Shift by which the kernel divides at most."""


def mean(call: Call) -> Call | None:
    """Sums that can be doubled."""
    size = call.params["size"]
    assert isinstance(size, tuple)
    start, shift = parts.number(call, "start"), parts.number(call, "shift")
    reach = max(abs(start + size[1] * size[3] * end) for end in LIMITS["int8"])
    return call if reach << (max(shift, 0) + 1) < MOST and shift >= RIGHT else None
