# SPDX-License-Identifier: Apache-2.0
"""Takes a Call, gives it where te_halves_requantize of firmware/kernels/dsp/halves.h is exact for it."""

from __future__ import annotations

from tinyedge.arithmetic.fixedpoint import LIMITS
from tinyedge.ops import Call
from tinyedge.plan.layout import parts

MOST = 2**31
"""What is requantised stays below it when it is shifted to the left, and doubled."""
RIGHT = -22
"""Shift by which it divides at most: a zero point is shifted to the left by as many."""


def mean(call: Call) -> Call | None:
    """Sums of bytes."""
    size = call.params["size"]
    assert isinstance(size, tuple)
    start, count = parts.number(call, "start"), size[1] * size[3]
    reach = max(abs(start + count * end) for end in LIMITS["int8"])
    return call if fits(reach, parts.number(call, "shift")) else None


def rescale(call: Call) -> Call | None:
    """Elements of 16 bits."""
    reach = _reach("int16", parts.number(call, "in_zero_point"))
    return call if fits(reach, parts.number(call, "shift")) else None


def leaky_relu(call: Call) -> Call | None:
    """The same with two shifts."""
    shifts = (parts.number(call, name) for name in ("shift", "negative_shift"))
    return call if all(fits(_reach("int16", 0), shift) for shift in shifts) else None


def prelu(call: Call) -> Call | None:
    """Elements of any width, and their products with slopes of 8 bits."""
    reach = _reach("int8" if call.kernel == "prelu_s8" else "int16", parts.number(call, "a_zero_point"))
    product = reach * _reach("int8", parts.number(call, "b_zero_point"))
    good = fits(reach, parts.number(call, "positive_shift"))
    return call if good and fits(product, parts.number(call, "negative_shift")) else None


def compare(call: Call) -> Call | None:
    """Operands that are shifted to the left by 8."""
    dtype = "int8" if call.kernel == "compare_s8" else "int16"
    reaches = {of: _reach(dtype, parts.number(call, f"{of}_zero_point")) << 8 for of in ("a", "b")}
    good = all(fits(reach, parts.number(call, f"{of}_shift")) for of, reach in reaches.items())
    return call if good else None


def short_softmax(call: Call) -> Call | None:
    """Differences of elements of 16 bits; the zero point has 15, not 7."""
    low, high = LIMITS["int16"]
    shift = parts.number(call, "shift")
    return call if fits(high - low, shift) and shift >= RIGHT + 8 else None


def _reach(dtype: str, zero_point: int) -> int:
    """The largest |element - zero point|."""
    return max(abs(end - zero_point) for end in LIMITS[dtype])


def fits(reach: int, shift: int) -> bool:
    """Whether numbers up to `reach` can be requantised with that shift."""
    return reach << (max(shift, 0) + 1) < MOST and shift >= RIGHT
