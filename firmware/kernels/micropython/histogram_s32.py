# SPDX-License-Identifier: Apache-2.0
"""Counters of how often int32 values lie between edges."""

from number import number
from store import store


def histogram_s32(
    arena: ptr8,
    source: int,
    edges: ptr8,
    counts_data,
    counts: int,
    target: int,
    count: int,
    bins: int,
    warm_up: int,
    full_high: int,
    full_low: int,
):
    kept = ptr8(counts_data)
    state = counts >> 2
    runs = int(number(counts_data, state + bins))
    if runs < warm_up:
        store(counts_data, counts + (bins << 2), runs + 1)
    else:
        for i in range(count):
            # Compared by halves, since a number of 32 bits is more than a small integer on some ports.
            at = source + (i << 2)
            high = ((arena[at + 3] ^ 128) - 128) * 256 + arena[at + 2]
            low = arena[at] + (arena[at + 1] << 8)
            found = bins - 1
            for j in range(bins - 1):
                e = j << 2
                edge = ((edges[e + 3] ^ 128) - 128) * 256 + edges[e + 2]
                if found == bins - 1:
                    if high < edge or (high == edge and low <= edges[e] + (edges[e + 1] << 8)):
                        found = j
            # Counted by halves, too.
            c = counts + (found << 2)
            low = kept[c] + (kept[c + 1] << 8) + 1
            high = kept[c + 2] + (kept[c + 3] << 8) + (low >> 16)
            low = low & 65535
            kept[c] = low & 255
            kept[c + 1] = low >> 8
            kept[c + 2] = high & 255
            kept[c + 3] = high >> 8
            if high > full_high or (high == full_high and low > full_low):
                for j in range(bins):
                    c = counts + (j << 2)
                    for k in range(4):
                        bit = 0
                        if k < 3:
                            bit = (kept[c + k + 1] & 1) << 7
                        kept[c + k] = (kept[c + k] >> 1) + bit
    for i in range(bins << 2):
        arena[target + i] = kept[counts + i]
