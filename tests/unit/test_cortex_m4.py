# SPDX-License-Identifier: Apache-2.0
"""The cycle model of the Cortex-M4 gives what the manual's own examples say ("Load/store timings")."""

from __future__ import annotations

import pytest

from tests.bench.cortex_m4 import Instruction, predict, read


def code(text: str) -> tuple[Instruction, ...]:
    lines = [line.partition(" ") for line in text.split("; ")]
    return tuple(Instruction(4 * i, 4, name, rest) for i, (name, _, rest) in enumerate(lines))


@pytest.mark.parametrize(
    ("text", "cycles"),
    [
        # "normally three cycles total", thrice, then four
        ("ldr r0, [r1]; ldr r1, [r2]", 3),
        ("ldr r0, [r1, r2]; str r0, [r3, #20]", 3),
        ("ldr r0, [r1, r2]; str r1, [r3, r2]", 3),
        ("ldr r0, [r1, r5]; ldr r1, [r2]; ldr r2, [r3, #4]", 4),
        # The address waits for the load.
        ("ldr r0, [r1]; ldr r2, [r0]", 4),
        # Two words are pipelined together, with nothing else.
        ("ldrd r0, r1, [r2]; ldr r3, [r4]", 5),
        ("ldr r3, [r4]; ldrd r0, r1, [r2], #8", 5),
        # Nothing can be pipelined behind a store.
        ("str r0, [r1, #4]; ldr r2, [r3]", 3),
        # An address that was just computed
        ("add r1, r2, r3; ldr r0, [r1]", 4),
        ("smull r4, r1, r2, r3; strb r0, [r1, #1]", 3),
        ("cmp r1, r2; ldr r0, [r1]", 3),
        ("push {r4, r5, lr}; stmia r0!, {r1}; popeq {r4, pc}", 4 + 2 + 3),
        ("smlad r0, r1, r2, r0; sxtb16 r1, r2; it eq; moveq r0, r1; nop", 5),
        ("sdiv r0, r1, r2; tbb [pc, r0]", 14 + 1),
    ],
)
def test_straight_code_costs_what_the_manual_says(text: str, cycles: int) -> None:
    made = code(text)
    found = predict(made, {one.address: 1 for one in made}, {})
    assert (found.instructions, found.cycles(3)) == (len(made), cycles)


def test_a_loop_refills_the_pipeline_and_pipelines_nothing_across_its_jump() -> None:
    made = code("ldr r0, [r1]; subs r2, #1; bne 0; ldr r3, [r4]")
    found = predict(made, {0: 10, 4: 10, 8: 10, 12: 1}, {8: 9})
    assert (found.jumps, found.cycles(2)) == (9, 10 * (2 + 1 + 1) + 2 + 9 * 2)
    with pytest.raises(ValueError, match="0x4 was executed 3 times, 10 of them"):
        predict(made, {0: 10, 4: 3, 8: 10, 12: 1}, {8: 9})
    with pytest.raises(ValueError, match="no instruction: 0x2"):
        predict(made, {2: 1}, {})


def test_a_disassembly_is_read() -> None:
    text = (
        "00000040 <f>:\n  40:\tb580      \tpush\t{r7, lr}\n"
        "  42:\tf8d0 1004 \tldr.w\tr1, [r0, #4]\t@ 44 <f+4>\n  46:\t12345678 \t.word\t0x12345678\n"
    )
    assert list(read(text)) == [
        Instruction(0x40, 2, "push", "{r7, lr}"),
        Instruction(0x42, 4, "ldr", "r1, [r0, #4]", "w"),
    ]
