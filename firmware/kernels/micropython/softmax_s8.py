# SPDX-License-Identifier: Apache-2.0
"""SOFTMAX of int8: kernels/softmax.h in parts of ten bits, since its numbers have up to 31."""

from multiply_high import multiply_high


def softmax_s8(arena: ptr8, source: int, exp: ptr8, target: int, rows: int, depth: int, exps: int):
    for _row in range(rows):
        most = 0
        for i in range(depth):
            value = arena[source + i]
            if value > most:
                most = value
        total = 0  # Q12.19
        for i in range(depth):
            at = most - arena[source + i]
            if at < exps:
                at = at << 2
                total += (exp[at + 3] << 12) + (exp[at + 2] << 4) + (exp[at + 1] >> 4)
                total += (exp[at + 1] >> 3) & 1
        # 2^31 <= total << up < 2^32
        up = 0
        while (total >> (31 - up)) == 0:
            up += 1
        # Half of 1 + x in Q0.31, and three steps towards 2 / (1 + x) in Q2.29, less 2^29: it may get to 2^30.
        half_top = total >> (21 - up)
        half = (total & ((1 << (21 - up)) - 1)) << up
        half_middle = half >> 11
        half_low = (half >> 1) & 1023
        slope = 0 - 1010580540
        guess = int(
            multiply_high(half_top, half_middle, half_low, slope >> 20, (slope >> 10) & 1023, slope & 1023)
        )
        guess += 978999898
        for _ in range(3):
            top = (guess >> 20) + 512
            middle = (guess >> 10) & 1023
            low = guess & 1023
            rest = (1 << 29) - int(multiply_high(half_top, half_middle, half_low, top, middle, low))
            rest = int(multiply_high(top, middle, low, rest >> 20, (rest >> 10) & 1023, rest & 1023))
            guess += rest << 2
        top = (guess >> 19) + 1024
        middle = (guess >> 9) & 1023
        low = (guess & 511) << 1
        if top > 2047:
            top = 2047
            middle = 1023
            low = 1023
        # A share is scale * exp / 2^31, then brought from 12 - up + 31 bits to 8.
        right = 35 - up
        for i in range(depth):
            at = most - arena[source + i]
            share = 0
            if at < exps:
                if right < 32:
                    at = at << 2
                    e_top = (exp[at + 3] << 4) + (exp[at + 2] >> 4)
                    e_middle = ((exp[at + 2] & 15) << 6) + (exp[at + 1] >> 2)
                    e_low = ((exp[at + 1] & 3) << 8) + exp[at]
                    part = ((low * e_low) >> 10) + low * e_middle + middle * e_low
                    part = (part >> 10) + low * e_top + middle * e_middle + top * e_low
                    part = (part >> 10) + middle * e_top + top * e_middle + 1
                    share = top * e_top + (part >> 10)  # and nine bits more, which do not matter
                    share = (share + (1 << (right - 10))) >> (right - 9)
            if share > 255:
                share = 255
            arena[target + i] = share
        source += depth
        target += depth
