# SPDX-License-Identifier: Apache-2.0
"""Any function of a byte, by a table of 256."""


def lut_s8(arena: ptr8, source: int, table: ptr8, target: int, size: int):
    for i in range(size):
        arena[target + i] = table[arena[source + i] ^ 128]
