# SPDX-License-Identifier: Apache-2.0
"""te_requantize_once of kernels/kernel.h: value * multiplier / 2^shift, rounded once, ties away from zero."""


def requantize_once(value: int, high: int, low: int, shift: int) -> int:
    # As in requantize: products of parts, for values below 2^26 and shifts of 30 or more.
    if shift < 30:  # no small number is enough; such a layer is never compiled by viper
        half = (1 << shift) >> 1
        if value < 0:
            half -= 1
        return (value * ((high << 16) + low) + half) >> shift
    part = value >> 13
    rest = value & 8191
    total = rest * low
    if value < 0:
        total -= 1
    total = (total >> 13) + part * low
    total = ((total >> 3) + rest * high) >> 13
    right = shift - 29
    if right > 29:  # the sum is below 2^28, so all of these give 0
        right = 29
    return (total + part * high + (1 << (right - 1))) >> right
