# SPDX-License-Identifier: Apache-2.0
"""CONCATENATION and PACK of any type: rows of one operand to their part of rows of the output."""


def concatenation(
    arena: ptr8,
    source_data: ptr8,
    source: int,
    target: int,
    rows: int,
    bytes_: int,
    start: int,
    stride: int,
):
    target += start
    for _row in range(rows):
        for i in range(bytes_):
            arena[target + i] = source_data[source + i]
        source += bytes_
        target += stride
