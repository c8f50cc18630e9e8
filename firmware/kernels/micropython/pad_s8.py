# SPDX-License-Identifier: Apache-2.0
"""PAD and PADV2 of int8, in five dimensions."""


def pad_s8(
    arena: ptr8,
    source: int,
    target: int,
    size_0: int,
    size_1: int,
    size_2: int,
    size_3: int,
    size_4: int,
    before_0: int,
    before_1: int,
    before_2: int,
    before_3: int,
    before_4: int,
    after_0: int,
    after_1: int,
    after_2: int,
    after_3: int,
    after_4: int,
    value: int,
):
    border = value + 128
    for a in range(before_0 + size_0 + after_0):
        inside_a = a >= before_0 and a < before_0 + size_0
        for b in range(before_1 + size_1 + after_1):
            inside_b = inside_a and b >= before_1 and b < before_1 + size_1
            for c in range(before_2 + size_2 + after_2):
                inside_c = inside_b and c >= before_2 and c < before_2 + size_2
                for d in range(before_3 + size_3 + after_3):
                    inside = inside_c and d >= before_3 and d < before_3 + size_3
                    for _left in range(before_4):
                        arena[target] = border
                        target += 1
                    for _middle in range(size_4):
                        if inside:
                            arena[target] = arena[source]
                            source += 1
                        else:
                            arena[target] = border
                        target += 1
                    for _right in range(after_4):
                        arena[target] = border
                        target += 1
