# SPDX-License-Identifier: Apache-2.0
"""The place of the largest of some int32 scores, where it is large enough."""

from store import store


def choice_s32(arena, source: int, target: int, count: int, least_high: int, least_low: int):
    scores = ptr8(arena)
    # Numbers are compared by their halves, since one of 32 bits is more than a small integer on some ports.
    best = 0
    most_high = ((scores[source + 3] ^ 128) - 128) * 256 + scores[source + 2]
    most_low = scores[source] + (scores[source + 1] << 8)
    for i in range(1, count):
        at = source + (i << 2)
        high = ((scores[at + 3] ^ 128) - 128) * 256 + scores[at + 2]
        low = scores[at] + (scores[at + 1] << 8)
        if high > most_high or (high == most_high and low > most_low):
            best = i
            most_high = high
            most_low = low
    if least_high > 0 - 32768 or least_low > 0:
        if most_high < least_high or (most_high == least_high and most_low <= least_low):
            best = 0 - 1
    store(arena, target, best)
