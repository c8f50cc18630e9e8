# SPDX-License-Identifier: Apache-2.0
"""MEAN and SUM of int8 over the second and fourth of five dimensions."""

from requantize import requantize


def mean_s8(
    arena: ptr8,
    source: int,
    target: int,
    size_0: int,
    size_1: int,
    size_2: int,
    size_3: int,
    size_4: int,
    start: int,
    multiplier_high: int,
    multiplier_low: int,
    shift: int,
    out_zero_point: int,
    out_min: int,
    out_max: int,
):
    start -= size_1 * size_3 << 7  # elements are read as value + 128
    for i in range(size_0):
        for j in range(size_2):
            for c in range(size_4):
                total = start
                for k in range(size_1):
                    at = source + (k * size_2 + j) * size_3 * size_4 + c
                    for m in range(size_3):
                        total += arena[at]
                        at += size_4
                scaled = out_zero_point + int(requantize(total, multiplier_high, multiplier_low, shift))
                if scaled < out_min:
                    scaled = out_min
                if scaled > out_max:
                    scaled = out_max
                arena[target] = scaled + 128
                target += 1
        source += size_1 * size_2 * size_3 * size_4
