# SPDX-License-Identifier: Apache-2.0
"""Some of a network's int8 outputs as int32 scores."""

from store import store


def score_s8(arena, source: int, target: int, first: int, count: int, zero_point: int):
    values = ptr8(arena)
    for i in range(count):
        store(arena, target + (i << 2), values[source + first + i] - 128 - zero_point)
