# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a pool, gives it back where RISC-V's kernels are faster: few channels clang does."""

from __future__ import annotations

from tinyedge.ops import Call
from tinyedge.plan.layout import parts

MANY, MORE = 16, 32
"""Channels of which it keeps sums, or in vectors of 128 bits maxima, in registers by itself."""


def many(call: Call) -> Call | None:
    """Of many channels."""
    return call if parts.number(call, "channels") > MANY else None


def more(call: Call) -> Call | None:
    """Of even more."""
    return call if parts.number(call, "channels") > MORE else None
