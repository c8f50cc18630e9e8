# SPDX-License-Identifier: Apache-2.0
"""MUL of int8."""

from requantize import requantize


def mul_s8(
    arena: ptr8,
    a_data: ptr8,
    a: int,
    b_data: ptr8,
    b: int,
    target: int,
    size_0: int,
    size_1: int,
    size_2: int,
    size_3: int,
    a_step_0: int,
    a_step_1: int,
    a_step_2: int,
    a_step_3: int,
    b_step_0: int,
    b_step_1: int,
    b_step_2: int,
    b_step_3: int,
    a_zero_point: int,
    b_zero_point: int,
    multiplier_high: int,
    multiplier_low: int,
    shift: int,
    out_zero_point: int,
    out_min: int,
    out_max: int,
):
    a_zero = a_zero_point + 128
    b_zero = b_zero_point + 128
    for i in range(size_0):
        for j in range(size_1):
            for k in range(size_2):
                x = a + i * a_step_0 + j * a_step_1 + k * a_step_2
                y = b + i * b_step_0 + j * b_step_1 + k * b_step_2
                for _element in range(size_3):
                    product = (a_data[x] - a_zero) * (b_data[y] - b_zero)
                    scaled = int(requantize(product, multiplier_high, multiplier_low, shift))
                    scaled += out_zero_point
                    if scaled < out_min:
                        scaled = out_min
                    if scaled > out_max:
                        scaled = out_max
                    arena[target] = scaled + 128
                    target += 1
                    x += a_step_3
                    y += b_step_3
