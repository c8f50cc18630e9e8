/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a function of the boot ROM, which is of the windowed ABI, and up to five arguments: calls it from code
   of the call0 ABI.

   uint32_t te_rom(uint32_t function, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e)

   reset_handler() left window 0 alone in use, so the callee and seven calls below it find free windows, and none
   is ever spilled. A callee of CALLX8 has our a8 to a15 for its own. It runs on a stack of its own: how deep it
   gets nobody tells, what was seen is under 200 bytes. */

#include "processor.h"

#define FRAME 32
#define ROM_STACK 512

    .section .bss.te_rom_stack, "aw", @nobits
    .align 16
    .type rom_stack, @object
    .size rom_stack, ROM_STACK
rom_stack:
    .space ROM_STACK

    .section .text.te_rom, "ax"
    .literal_position
    .align 4
    .global te_rom
    .type te_rom, @function
te_rom:
    addi sp, sp, -FRAME
    s32i a0, sp, 0
    s32i a12, sp, 4
    s32i a13, sp, 8
    s32i a14, sp, 12
    s32i a15, sp, 16
    mov a10, a3
    mov a11, a4
    mov a12, a5
    mov a13, a6
    mov a14, a7
    mov a7, sp
    movi sp, rom_stack + ROM_STACK
    movi a9, PS_WINDOWED
    wsr a9, ps
    rsync
    .byte 0xE0, 0x02, 0x00 /* callx8 a2 */
    mov a2, a10
    movi a9, PS_CALL0
    wsr a9, ps
    rsync
    mov sp, a7
    l32i a0, sp, 0
    l32i a12, sp, 4
    l32i a13, sp, 8
    l32i a14, sp, 12
    l32i a15, sp, 16
    addi sp, sp, FRAME
    ret
    .size te_rom, . - te_rom
