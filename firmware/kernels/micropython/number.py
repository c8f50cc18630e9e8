# SPDX-License-Identifier: Apache-2.0
"""The int32 at place 4 * i of an array of bytes."""


def number(data: ptr8, i: int) -> int:
    i = i << 2
    top = (data[i + 3] ^ 128) - 128
    return (top << 24) + (data[i + 2] << 16) + (data[i + 1] << 8) + data[i]
