# SPDX-License-Identifier: Apache-2.0
"""How far two tensors of int8 are apart, as int32: kernels/difference.h in digits of ten bits."""


def difference_s8(
    arena: ptr8,
    source: int,
    made: int,
    target: int,
    count: int,
    zero_in: int,
    zero_out: int,
    factor_in: int,
    factor_out: int,
    squared: int,
    shift: int,
):
    s0 = 0  # digits of the sum, the lowest first
    s1 = 0
    s2 = 0
    s3 = 0
    s4 = 0
    s5 = 0
    s6 = 0
    for i in range(count):
        apart = (arena[source + i] - 128 - zero_in) * factor_in
        apart -= (arena[made + i] - 128 - zero_out) * factor_out
        if apart < 0:
            apart = 0 - apart
        d0 = apart & 1023
        d1 = (apart >> 10) & 1023
        d2 = apart >> 20
        if squared:
            s0 += d0 * d0
            s1 += 2 * d0 * d1
            s2 += 2 * d0 * d2 + d1 * d1
            s3 += 2 * d1 * d2
            s4 += d2 * d2
        else:
            s0 += d0
            s1 += d1
            s2 += d2
        s1 += s0 >> 10
        s0 = s0 & 1023
        s2 += s1 >> 10
        s1 = s1 & 1023
        s3 += s2 >> 10
        s2 = s2 & 1023
        s4 += s3 >> 10
        s3 = s3 & 1023
        s5 += s4 >> 10
        s4 = s4 & 1023
        s6 += s5 >> 10
        s5 = s5 & 1023
    # The digit that holds the half comes lowest; what is below it does not matter.
    right = shift
    while right > 10:
        s0 = s1
        s1 = s2
        s2 = s3
        s3 = s4
        s4 = s5
        s5 = s6
        s6 = 0
        right -= 10
    low = s0 + (s1 << 10)
    if right > 0:
        low += 1 << (right - 1)
    high = s2 + (s3 << 10) + (low >> 20)
    low = low & 1048575
    # The int32 is (high * 2^20 + low) / 2^right, and s4 in its place; its halves.
    half = (low >> right) + ((high & 63) << (20 - right))
    arena[target] = half & 255
    arena[target + 1] = (half >> 8) & 255
    half = (((high << 4) + (low >> 16)) >> right) + ((s4 & 63) << (24 - right))
    arena[target + 2] = half & 255
    arena[target + 3] = (half >> 8) & 255
