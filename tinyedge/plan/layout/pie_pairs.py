# SPDX-License-Identifier: Apache-2.0
"""Takes the call of an operator of two tensors, gives that of a product with what product.h of pie/ reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import parts

VECTOR, LANES = 16, 8
FACTOR = 2**14
"""The largest power of two of 16 bits."""


def mul(call: Call) -> Call | None:
    """Halves of the multiplier and the rest; None where elements are repeated or a row ends amid a vector.

    None, too, for a shift to the left, for one of which half has more bits than two factors, and where the
    product of the least numbers, 2^30, gives something else than the one below it, which it is taken for.
    """
    narrow = call.kernel == "mul_s8"
    zero_points = {name: parts.number(call, f"{name}_zero_point") for name in ("a", "b", "out")}
    multiplier, right = parts.number(call, "multiplier"), -parts.number(call, "shift")
    lower = (multiplier + 2**15) % 2**16 - 2**15
    upper = multiplier - lower >> 16
    if right <= 0 or not whole(call):
        return None
    small = min(1 << right - 1, FACTOR)
    large = (1 + 2 * zero_points["out"] << right - 1) // small
    low, high = (parts.number(call, f"out_{end}") for end in ("min", "max"))
    largest = fixedpoint.multiply_twice_rounded(np.array([2**30 - 1, 2**30]), multiplier, -right)
    same = narrow or np.ptp(np.clip(largest, low, high)) == 0
    if max(upper, abs(large)) >= 2**15 or not same:
        return None
    shared = (-(2**15), lower, upper, small, large, 1, 0, low, high)
    widened = (zero_points["a"] + 128, zero_points["b"] + 128) if narrow else ()
    vectors = np.repeat(np.array((*widened, *shared), "<i2"), LANES).view(np.int8)
    if narrow:
        vectors = np.concatenate([np.full(VECTOR, -128, np.int8), vectors])
    *operands, output = call.arguments
    return replace(call, arguments=(*operands, Constant("vectors", vectors), output))


def extremum(call: Call) -> Call | None:
    """As it is; None where elements are repeated or a row ends amid a vector."""
    return call if whole(call) else None


def whole(call: Call) -> bool:
    """Whether rows are whole vectors, wherever they begin; the end of a single one need not be."""
    lanes = LANES if call.kernel.endswith("s16") else VECTOR
    size, a_step, b_step = (call.params[name] for name in ("size", "a_step", "b_step"))
    assert isinstance(size, tuple) and isinstance(a_step, tuple) and isinstance(b_step, tuple)
    outer = [step for steps in (a_step, b_step) for step in steps[:3]]
    rows_begin_so = max(size[:3]) == 1 or not any(step % lanes for step in (size[3], *outer))
    return a_step[3] == b_step[3] == 1 and size[3] >= lanes and rows_begin_so
