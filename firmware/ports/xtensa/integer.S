/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the integer arithmetic that compilers make calls of, gives it by the core's own instructions: Debian's
   library is for a core that lacks them, and Espressif's is of another ABI.

   The LX6 and the LX7 have them, Debian's assembler does not know them, so they are written as bytes: of the
   form RRR, t << 4, r << 4 | s, op2 << 4 | 2, with op2 10 for MULUH, 12 QUOU, 13 QUOS, 14 REMU, 15 REMS
   (Xtensa Instruction Set Architecture Reference Manual, "Opcode encodings", QRST RST2). */

    .macro function name
    .section .text.\name, "ax"
    .align 4
    .global \name
    .type \name, @function
\name:
    .endm

    .macro end name
    .size \name, . - \name
    .endm

    function __udivsi3
    .byte 0x30, 0x22, 0xC2 /* quou a2, a2, a3 */
    ret
    end __udivsi3

    function __divsi3
    .byte 0x30, 0x22, 0xD2 /* quos a2, a2, a3 */
    ret
    end __divsi3

    function __umodsi3
    .byte 0x30, 0x22, 0xE2 /* remu a2, a2, a3 */
    ret
    end __umodsi3

    function __modsi3
    .byte 0x30, 0x22, 0xF2 /* rems a2, a2, a3 */
    ret
    end __modsi3

    /* (a3:a2) * (a5:a4) modulo 2^64 */
    function __muldi3
    .byte 0x40, 0x62, 0xA2 /* muluh a6, a2, a4 */
    mull a3, a3, a4
    mull a5, a2, a5
    mull a2, a2, a4
    add a3, a3, a5
    add a3, a3, a6
    ret
    end __muldi3

    /* (a3:a2) by a4 bits, 0 to 63: the upper word takes from the lower one, or is all that is left of it. */
    function __ashldi3
    ssl a4
    bbsi a4, 5, 1f
    src a3, a3, a2
    sll a2, a2
    ret
1:  sll a3, a2
    movi a2, 0
    ret
    end __ashldi3

    function __lshrdi3
    ssr a4
    bbsi a4, 5, 1f
    src a2, a3, a2
    srl a3, a3
    ret
1:  srl a2, a3
    movi a3, 0
    ret
    end __lshrdi3

    function __ashrdi3
    ssr a4
    bbsi a4, 5, 1f
    src a2, a3, a2
    sra a3, a3
    ret
1:  sra a2, a3
    srai a3, a3, 31
    ret
    end __ashrdi3
