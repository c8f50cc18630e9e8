# SPDX-License-Identifier: Apache-2.0
"""An int32 to the bytes from a place on."""


def store(data: ptr8, at: int, value: int):
    data[at] = value & 255
    data[at + 1] = (value >> 8) & 255
    data[at + 2] = (value >> 16) & 255
    data[at + 3] = (value >> 24) & 255
