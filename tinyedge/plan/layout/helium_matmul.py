# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a product of matrices, gives it back where the Helium kernel does it, else None."""

from __future__ import annotations

from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts

BYTES = header.number("helium/batch_matmul.h", "TE_BATCH_MATMUL_HELIUM_BYTES")
REACH = 2**16
"""Of the offsets with which it gathers, in elements."""


def batch_matmul(call: Call) -> Call | None:
    """Rows of a that lie side by side, and columns of b that the stack holds."""
    depth, step = parts.number(call, "depth"), parts.number(call, "b_depth")
    width = 1 if call.kernel == "batch_matmul_s8" else 2
    fits = parts.number(call, "a_depth") == 1 and depth * width <= BYTES and 8 * step < REACH
    return call if fits else None
