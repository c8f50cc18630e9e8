# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a product of int16 by bytes, gives it back where sums of 32 bits hold it, else None."""

from __future__ import annotations

from tinyedge.ops import Call
from tinyedge.plan.layout import header, parts

DEPTH = header.number("scalar/batch_matmul.h", "TE_BATCH_MATMUL_SCALAR_DEPTH")


def batch_matmul(call: Call) -> Call | None:
    """Depths whose sums fit, whatever is multiplied."""
    return call if parts.number(call, "depth") <= DEPTH else None
