# SPDX-License-Identifier: Apache-2.0
"""Takes negative numbers in fixed point, gives e^x of them as the integer kernels of TFLite compute it."""

from __future__ import annotations

import math

import numpy as np

from tinyedge.arithmetic.fixedpoint import Ints, multiply_twice_rounded

FRACTION_BITS = 26
"""Of the argument: 5 bits are for its whole part."""
INTERVAL_CENTRE = math.floor(math.exp(-1 / 8) * 2**31 + 0.5)
THIRD = math.floor(2**31 / 3 + 0.5)


def of_negative(x: Ints) -> Ints:
    """e^x in Q0.31 for x <= 0 in Q5.26.

    x is a multiple of 1/4, for which a product of constants stands, and a rest in [-1/4, 0), for which a
    polynomial does.
    """
    quarter = 1 << (FRACTION_BITS - 2)
    rest = (x & (quarter - 1)) - quarter
    result = _near_zero(rest << (31 - FRACTION_BITS))
    multiple = rest - x
    for exponent in range(-2, 5):
        factor = math.floor(math.exp(-(2.0**exponent)) * 2**31 + 0.5)
        chosen = multiple & (1 << (FRACTION_BITS + exponent)) != 0
        result = np.where(chosen, _multiply(result, factor), result)
    return np.where(x == 0, 2**31 - 1, result)


def _near_zero(x: Ints) -> Ints:
    """e^x for x in [-1/4, 0), Q0.31: four terms of the series around -1/8."""
    x = x + (1 << 28)
    square = _multiply(x, x)
    cube = _multiply(square, x)
    fourth = _divide(_multiply(square, square), 2)
    terms = _divide(_multiply(fourth + cube, THIRD) + square, 1)
    return INTERVAL_CENTRE + _multiply(x + terms, INTERVAL_CENTRE)


def _multiply(a: Ints, b: Ints | int) -> Ints:
    """a * b in Q31, rounded to nearest (the sign decides ties)."""
    product = a * np.int64(b)
    total = product + np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    return np.where(total >= 0, total >> 31, -((-total) >> 31))


def _divide(a: Ints, exponent: int) -> Ints:
    """a / 2^exponent, ties away from zero."""
    return multiply_twice_rounded(a, 2**30, 1 - exponent)
