# SPDX-License-Identifier: Apache-2.0
"""Takes the Call of a product of matrices, gives it with the room that the kernels in pie/ lay columns in."""

from __future__ import annotations

from dataclasses import replace

from tinyedge.ops import Call, Scratch
from tinyedge.plan.layout import header, parts, pie_words
from tinyedge.plan.layout.pie_lanes import VECTOR

COLUMNS = header.number("pie/batch_matmul.h", "TE_BATCH_MATMUL_PIE_COLUMNS")


def batch_matmul(call: Call) -> Call | None:
    """None where sums are too large for a short requantisation."""
    depth = parts.number(call, "depth")
    if not pie_words.fits(depth * parts.PRODUCT, parts.number(call, "shift")):
        return None
    return _with_room(call, depth)


def short_batch_matmul(call: Call) -> Call | None:
    """The same of int16, whose sums have 40 bits."""
    depth, product = parts.number(call, "depth"), 2**30 if call.kernel == "batch_matmul_s16" else 2**22
    return None if depth * product >= 2**39 else _with_room(call, 2 * depth)


def _with_room(call: Call, row: int) -> Call:
    """`call` with room for so many bytes of a row and of each column."""
    rows = 1 + min(parts.number(call, "columns"), COLUMNS)
    window = Scratch(rows * -(-row // VECTOR) * VECTOR + VECTOR, "window")
    return replace(call, arguments=(*call.arguments, window))
