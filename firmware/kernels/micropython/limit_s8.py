# SPDX-License-Identifier: Apache-2.0
"""Limiting of int8: RELU and its kin, where input and output have one scale."""


def limit_s8(arena: ptr8, source: int, target: int, size: int, min_: int, max_: int):
    least = min_ + 128
    most = max_ + 128
    for i in range(size):
        value = arena[source + i]
        if value < least:
            value = least
        if value > most:
            value = most
        arena[target + i] = value
