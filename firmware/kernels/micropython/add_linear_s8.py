# SPDX-License-Identifier: Apache-2.0
"""ADD and SUB of int8, where one linear formula gives what LiteRT's steps do."""


def add_linear_s8(
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
    a_factor_high: int,
    a_factor_low: int,
    b_factor_high: int,
    b_factor_low: int,
    offset_high: int,
    offset_low: int,
    shift: int,
    out_min: int,
    out_max: int,
):
    for i in range(size_0):
        for j in range(size_1):
            for k in range(size_2):
                x = a + i * a_step_0 + j * a_step_1 + k * a_step_2
                y = b + i * b_step_0 + j * b_step_1 + k * b_step_2
                for m in range(size_3):
                    u = a_data[x] - 128
                    v = b_data[y] - 128
                    total = u * a_factor_high + v * b_factor_high + offset_high
                    rest = u * a_factor_low + v * b_factor_low + offset_low
                    if shift < 16:
                        total = ((total << 16) + rest) >> shift
                    else:
                        total = (total + (rest >> 16)) >> (shift - 16)
                    if total < out_min:
                        total = out_min
                    if total > out_max:
                        total = out_max
                    arena[target] = total + 128
                    target += 1
                    x += a_step_3
                    y += b_step_3
