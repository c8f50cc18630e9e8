# SPDX-License-Identifier: Apache-2.0
"""The same bytes elsewhere: between a state and an activation."""


def copy(arena: ptr8, source_data: ptr8, source: int, target_data: ptr8, target: int, size: int):
    for i in range(size):
        target_data[target + i] = source_data[source + i]
