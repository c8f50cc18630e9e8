# SPDX-License-Identifier: Apache-2.0
"""The cycle model of the Cortex-M55 gives what SLOTHY's model of that core says of units and latencies."""

from __future__ import annotations

import pytest

from tests.bench.cortex_m4 import Instruction
from tests.bench.cortex_m55 import predict, timing


def code(text: str) -> tuple[Instruction, ...]:
    made = []
    for i, line in enumerate(text.split("; ")):
        mnemonic, _, rest = line.partition(" ")
        name, _, types = mnemonic.partition(".")
        made.append(Instruction(4 * i, 4, name, rest, types))
    return tuple(made)


@pytest.mark.parametrize(
    ("text", "cycles"),
    [
        ("add r0, r1, r2; sub r3, r4, r5", 2),
        # The same unit is busy for two cycles, another one is not.
        ("vadd.i32 q0, q1, q2; vadd.i32 q3, q1, q2", 3),
        ("vadd.i32 q0, q1, q2; vmul.i32 q3, q1, q2; vadd.i32 q4, q1, q2", 3),
        ("vldrb.u8 q0, [r0], #16; vldrw.u32 q1, [r1]; vadd.i32 q2, q3, q4", 4),
        # A result is there a cycle later, that of a product two, of a sum of products three.
        ("vadd.i32 q0, q1, q2; vmul.i32 q3, q0, q2", 2),
        ("vmul.i32 q0, q1, q2; vadd.i32 q3, q0, q2", 3),
        ("vmlava.s8 r0, q1, q2; add r1, r0, r2", 4),
        ("vqrdmulh.s32 q0, q0, r1; vrshl.s32 q0, r2; vqmovnb.s32 q3, q0", 2 + 2 + 1),
        # A narrowing keeps the other half of what it fills.
        ("vmul.i32 q0, q1, q2; vqmovnb.s32 q0, q3", 3),
        # Moves take the unit that is free.
        ("vmul.i32 q3, q1, q2; vmov q0[2], q0[0], r0, r1; vmov q0[3], q0[1], r2, r3", 3),
        # Two elements a cycle
        ("vstrh.16 q0, [r0, q1]; vldrb.u8 q2, [r1]", 4 + 1),
        ("vstrb.8 q0, [r0, q1]; vldrb.u8 q2, [r1]", 8 + 1),
        ("vldrw.u32 q0, [r0, q1, uxtw #2]; vldrb.u8 q2, [r1]", 2 + 1),
        ("push {r4, r5, lr}; ldr r0, [r1]", 3 + 1),
    ],
)
def test_straight_code_costs_what_the_model_says(text: str, cycles: int) -> None:
    made = code(text)
    assert predict(made, {one.address: 1 for one in made}) == cycles


def test_a_loop_costs_what_a_round_behind_another_does() -> None:
    made = code("vmul.i32 q0, q1, q2; subs r2, #1; vmul.i32 q3, q1, q2; bne 0")
    assert predict(made, {4 * i: 10 for i in range(4)}) == 10 * 4
    made = code("vmlava.s8 r0, q1, q2; vadd.i32 q1, q1, r0; le lr, 0")
    assert predict(made, {4 * i: 10 for i in range(3)}) == 10 * 5
    with pytest.raises(ValueError, match="no instruction: 0x2 and 0 more"):
        predict(made, {2: 1})


def test_what_a_lane_is_made_of_decides_the_unit() -> None:
    assert timing(code("vmovlb.s8 q0, q1")[0]).units == ("integer",)
    assert timing(code("vmov.i32 q0, #0")[0]).units == ("integer", "product")
    assert timing(code("vmullb.s16 q0, q1, q2")[0]).units == ("product",)
