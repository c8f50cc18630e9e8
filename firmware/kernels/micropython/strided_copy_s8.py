# SPDX-License-Identifier: Apache-2.0
"""Elements of one byte at regular distances: slices, transpositions, repetitions and reversals."""


def strided_copy_s8(
    arena: ptr8,
    source_data: ptr8,
    source: int,
    target: int,
    start: int,
    count_0: int,
    count_1: int,
    count_2: int,
    count_3: int,
    count_4: int,
    count_5: int,
    count_6: int,
    count_7: int,
    step_0: int,
    step_1: int,
    step_2: int,
    step_3: int,
    step_4: int,
    step_5: int,
    step_6: int,
    step_7: int,
):
    for a in range(count_0):
        at_0 = source + start + a * step_0
        for b in range(count_1):
            at_1 = at_0 + b * step_1
            for c in range(count_2):
                at_2 = at_1 + c * step_2
                for d in range(count_3):
                    at_3 = at_2 + d * step_3
                    for e in range(count_4):
                        at_4 = at_3 + e * step_4
                        for f in range(count_5):
                            at_5 = at_4 + f * step_5
                            for g in range(count_6):
                                at_6 = at_5 + g * step_6
                                for h in range(count_7):
                                    arena[target] = source_data[at_6 + h * step_7]
                                    target += 1
