# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a product of int16 matrices, gives it back where the RVV kernel does it, else None."""

from __future__ import annotations

from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts

DEPTH, ROUNDED, BYTE = (
    header.number("rvv/batch_matmul.h", f"TE_BATCH_MATMUL_RVV_{name}")
    for name in ("DEPTH", "ROUNDED", "BYTE")
)
SHIFTS = 31
"""To the right, at most, in lanes of 32 bits; at least 1, which rounds."""


def batch_matmul(call: Call) -> Call | None:
    """Depths whose sums fit 32 bits, and shifts that leave some behind what is rounded down first."""
    rounded = ROUNDED + (BYTE if call.kernel == "batch_matmul_s16" else 0)
    fits = parts.number(call, "depth") <= DEPTH and 1 <= parts.number(call, "shift") - rounded <= SHIFTS
    return call if fits else None
