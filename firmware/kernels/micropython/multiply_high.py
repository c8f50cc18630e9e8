# SPDX-License-Identifier: Apache-2.0
"""te_multiply_high of kernels/kernel.h: a * b / 2^31, ties up, in parts of ten bits."""


def multiply_high(top: int, middle: int, low: int, b_top: int, b_middle: int, b_low: int) -> int:
    # Numbers are top * 2^20 + middle * 2^10 + low, where top may be negative; the result stays below 2^30.
    total = ((low * b_low) >> 10) + low * b_middle + middle * b_low
    total = (total >> 10) + low * b_top + middle * b_middle + top * b_low
    total = (total >> 10) + middle * b_top + top * b_middle + 1  # half a step of the result
    return top * b_top * 512 + (total >> 1)
