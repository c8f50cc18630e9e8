# SPDX-License-Identifier: Apache-2.0
"""te_requantize of kernels/kernel.h: value * multiplier / 2^31 * 2^shift, rounded twice."""


def requantize(value: int, high: int, low: int, shift: int) -> int:
    # The caller clamps to 8 bits, and multipliers are 2^30 or more (or 0): what is shifted left to 2^25 is
    # far beyond that, and need not become more.
    right = 0 - shift
    if shift > 0:
        right = 0
        if shift > 25:
            shift = 25
        most = 1 << (25 - shift)
        if value > most:
            value = most
        if value < 0 - most:
            value = 0 - most
        value = value << shift
    # The multiplier is high * 2^16 + low, the value part * 2^13 + rest: for values below
    # 2^26 all products are below 2^30, and the sum is shifted down from its lowest part on.
    part = value >> 13
    rest = value & 8191
    total = ((rest * low) >> 13) + part * low
    total = ((total >> 3) + rest * high) >> 13
    scaled = (total + part * high + 2) >> 2  # the 2 is 2^30, half a step of the result
    if right > 0:
        if right > 29:  # scaled is below 2^27, so all of these give 0
            right = 29
        half = 1 << (right - 1)  # ties away from zero
        if scaled < 0:
            half -= 1
        scaled = (scaled + half) >> right
    return scaled
