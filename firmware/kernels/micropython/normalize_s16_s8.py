# SPDX-License-Identifier: Apache-2.0
"""The affine map of a pipeline's channels, int16 to int8: kernels/normalize.h in digits of eleven bits."""


def normalize_s16_s8(
    arena: ptr8,
    source: int,
    multiplier: ptr8,
    offset: ptr8,
    target: int,
    rows: int,
    channels: int,
    shift: int,
    out_min: int,
    out_max: int,
):
    for _row in range(rows):
        for c in range(channels):
            value = ((arena[source + 1] ^ 128) - 128) * 256 + arena[source]
            source += 2
            m = c << 2
            o = c << 3
            # value * multiplier + offset, whose digits d0 ... d4 are not negative, and what is above them.
            d0 = value * (multiplier[m] + ((multiplier[m + 1] & 7) << 8))
            d0 += offset[o] + ((offset[o + 1] & 7) << 8)
            d1 = value * ((multiplier[m + 1] >> 3) + ((multiplier[m + 2] & 63) << 5)) + (d0 >> 11)
            d1 += (offset[o + 1] >> 3) + ((offset[o + 2] & 63) << 5)
            d2 = value * ((multiplier[m + 2] >> 6) + ((multiplier[m + 3] ^ 128) - 128) * 4) + (d1 >> 11)
            d2 += (offset[o + 2] >> 6) + (offset[o + 3] << 2) + ((offset[o + 4] & 1) << 10)
            d3 = (offset[o + 4] >> 1) + ((offset[o + 5] & 15) << 7) + (d2 >> 11)
            d4 = (offset[o + 5] >> 4) + ((offset[o + 6] & 127) << 4) + (d3 >> 11)
            above = (offset[o + 6] >> 7) + ((offset[o + 7] ^ 128) - 128) * 2 + (d4 >> 11)
            # The two digits from the place of `shift` on, and what is above them: 0, or -1 for below zero.
            right = shift
            while right >= 11:
                d0 = d1
                d1 = d2
                d2 = d3
                d3 = d4
                d4 = above
                above = above >> 11
                right -= 11
            digits = (d0 & 2047) + ((d1 & 2047) << 11)
            beyond = d2 & 2047
            if (d3 & 2047) != 0 or (d4 & 2047) != 0 or above != 0:
                beyond = 1
                if above < 0:
                    beyond = 0 - 2
                    if (d2 & 2047) == 2047 and (d3 & 2047) == 2047 and (d4 & 2047) == 2047 and above == 0 - 1:
                        beyond = 0 - 1
            if beyond > 0:
                scaled = out_max
            elif beyond < 0 - 1:
                scaled = out_min
            else:
                scaled = (digits + beyond * 4194304) >> right
                if scaled < out_min:
                    scaled = out_min
                if scaled > out_max:
                    scaled = out_max
            arena[target] = scaled + 128
            target += 1
