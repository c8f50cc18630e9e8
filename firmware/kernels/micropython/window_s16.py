# SPDX-License-Identifier: Apache-2.0
"""The sliding window of a pipeline, int16: what earlier runs brought, then what this one brings."""


def window_s16(
    arena: ptr8, source: int, kept_data: ptr8, kept_place: int, target: int, kept: int, fresh: int
):
    old = kept << 1  # bytes
    new = fresh << 1
    for i in range(old):
        arena[target + i] = kept_data[kept_place + i]
    for i in range(new):
        arena[target + old + i] = arena[source + i]
    for i in range(old):
        kept_data[kept_place + i] = arena[target + new + i]
