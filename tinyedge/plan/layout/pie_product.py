# SPDX-License-Identifier: Apache-2.0
"""Takes the call of a product or a change of scale, gives it with what product.h of pie/ reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyedge.arithmetic import fixedpoint
from tinyedge.graph import Array
from tinyedge.ops import Call, Constant
from tinyedge.plan.layout import parts
from tinyedge.plan.layout.pie_lanes import LANES, VECTOR

FACTOR = 2**14
"""The largest power of two of 16 bits."""
ENDS = ("out_zero_point", "out_min", "out_max")


def mul(call: Call) -> Call | None:
    """With factors; None where elements are repeated, a row ends amid a vector or a shift is to the left.

    None, too, where the product of the least numbers, 2^30, gives something else than the one below it, which
    it is taken for.
    """
    narrow = call.kernel == "mul_s8"
    multiplier, shift = (parts.number(call, field) for field in ("multiplier", "shift"))
    zero_point, low, high = (parts.number(call, field) for field in ENDS)
    found = factors(multiplier, shift, zero_point, low, high)
    if found is None or shift >= 0 or not whole(call):
        return None
    largest = fixedpoint.multiply_twice_rounded(np.array([2**30 - 1, 2**30]), multiplier, shift)
    if not narrow and np.ptp(np.clip(largest, low, high)):
        return None
    if not narrow:
        return _with(call, vectors(*found))
    zero_points = (parts.number(call, f"{name}_zero_point") + 128 for name in ("a", "b"))
    return _with(call, np.full(VECTOR, -128, np.int8), vectors(*zero_points, *found))


def rescale(call: Call) -> Call | None:
    """With a power of two and factors; None where the input has a zero point."""
    found = _scale(call, "", tuple(parts.number(call, field) for field in ENDS))
    return None if found is None or parts.number(call, "in_zero_point") else _with(call, found)


def leaky_relu(call: Call) -> Call | None:
    """The same for inputs from 0 on, then for others."""
    ends = (0, *fixedpoint.LIMITS["int16"])
    above, below = (_scale(call, prefix, ends) for prefix in ("", "negative_"))
    return None if above is None or below is None else _with(call, above, below)


def _scale(call: Call, prefix: str, ends: tuple[int, ...]) -> Array | None:
    """What products with a power of two, in the place of a shift to the left, bring to a scale."""
    multiplier, shift = (parts.number(call, prefix + field) for field in ("multiplier", "shift"))
    found, power = factors(multiplier, shift, *ends), 1 << max(shift, 0)
    if found is None or power > FACTOR or parts.number(call, "size") < VECTOR:
        return None
    return vectors(power, *found)


def factors(multiplier: int, shift: int, zero_point: int, low: int, high: int) -> tuple[int, ...] | None:
    """The numbers from -2^15 on; None for a multiplier or a half with more bits than they have."""
    right = max(-shift, 0)
    lower = (multiplier + 2**15) % 2**16 - 2**15
    upper = multiplier - lower >> 16
    half = (1 + 2 * zero_point << right) >> 1 if right else zero_point
    small = min(1 << max(right - 1, 0), FACTOR)
    large = half // small
    if multiplier < 0 or max(upper, abs(large)) >= 2**15:
        return None
    return (-(2**15), lower, upper, small, large, 1, 0, low, high)


def vectors(*numbers: int) -> Array:
    """A vector of each."""
    made: Array = np.repeat(np.array(numbers, "<i2"), LANES).view(np.int8)
    return made


def _with(call: Call, *vectors: Array) -> Call:
    *operands, output = call.arguments
    return replace(call, arguments=(*operands, Constant("vectors", np.concatenate(vectors)), output))


def extremum(call: Call) -> Call | None:
    """As it is; None where elements are repeated or a row ends amid a vector."""
    return call if whole(call) else None


def select(call: Call) -> Call | None:
    """The same, of elements of one byte or two."""
    return call if parts.number(call, "width") <= 2 and whole(call, "abc") else None


def whole(call: Call, operands: str = "ab") -> bool:
    """Whether rows are whole vectors, wherever they begin; the end of a single one need not be."""
    lanes = LANES if call.kernel.endswith("s16") else VECTOR
    size, *steps = (call.params[name] for name in ("size", *(f"{one}_step" for one in operands)))
    assert isinstance(size, tuple)
    outer = [size[3]]
    for step in steps:
        assert isinstance(step, tuple)
        if step[3] != 1:
            return False
        outer += step[:3]
    return size[3] >= lanes and (max(size[:3]) == 1 or not any(step % lanes for step in outer))
