# SPDX-License-Identifier: Apache-2.0
"""The place of the largest of some int32 scores, where it is large enough."""

from store import store


def choice_s32(arena: ptr8, source: int, target: int, count: int, least_high: int, least_low: int):
    # Numbers are compared by their halves, since one of 32 bits is more than a small integer on some ports.
    best = 0
    most_high = ((arena[source + 3] ^ 128) - 128) * 256 + arena[source + 2]
    most_low = arena[source] + (arena[source + 1] << 8)
    for i in range(1, count):
        at = source + (i << 2)
        high = ((arena[at + 3] ^ 128) - 128) * 256 + arena[at + 2]
        low = arena[at] + (arena[at + 1] << 8)
        if high > most_high or (high == most_high and low > most_low):
            best = i
            most_high = high
            most_low = low
    if least_high > 0 - 32768 or least_low > 0:
        if most_high < least_high or (most_high == least_high and most_low <= least_low):
            best = 0 - 1
    store(arena, target, best)
