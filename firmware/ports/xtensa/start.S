/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the core from the boot ROM, which uses register windows, to C of the call0 ABI, which does not; and
   every exception to te_fault().

   Special registers that some assemblers do not know go by number, in instruction bytes: WSR at, sr is at << 4,
   sr, 0x13, and RSR ends in 0x03 (Xtensa Instruction Set Architecture Reference Manual, RSR, WSR). */

#include "processor.h"

#define WSR_A2(register) .byte 0x20, register, 0x13
#define RSR_A3(register) .byte 0x30, register, 0x03
#define RSR_A4(register) .byte 0x40, register, 0x03
#define LCOUNT 2
#define WINDOWBASE 72
#define WINDOWSTART 73
#define EPC1 177
#define EPC6 182
#define INTENABLE 228
#define VECBASE 231
#define EXCCAUSE 232
#define DEBUGCAUSE 233

    .section .text.reset_handler, "ax"
    .literal_position
    .align 4
    .global reset_handler
    .type reset_handler, @function
reset_handler:
    movi a2, PS_CALL0
    wsr a2, ps
    rsync
    /* No window may be thought of as full: a spill would write into memory that the ROM's stack had. */
    movi a2, 0
    WSR_A2(INTENABLE)
    WSR_A2(LCOUNT) /* no loop of the ROM's is under way */
    WSR_A2(WINDOWBASE)
    rsync
    movi a2, 1
    WSR_A2(WINDOWSTART)
    rsync
    movi a2, vectors
    WSR_A2(VECBASE)
    rsync
    movi sp, __stack_top
    movi a0, 0
    call0 te_start
    .size reset_handler, . - reset_handler

/* Exceptions lead to VECBASE + offset (XCHAL_*_VECOFS of the ESP32 and the ESP32-S3): level 6, which is a BREAK
   or a debugger's, the others of the kernel, of the user, and double ones. All interrupts are off; the levels 2 to
   5 and 7 have nothing that could come. */
    .section .vectors, "ax"
    .align 1024
vectors:
    .macro vector offset, to
    .org vectors + \offset
    j \to
    .endm
    vector 0x180, te_fault_entry
    vector 0x1C0, te_fault_entry
    vector 0x200, te_fault_entry
    vector 0x240, te_fault_entry
    vector 0x280, te_debug_entry
    vector 0x2C0, te_fault_entry
    vector 0x300, te_fault_entry
    vector 0x340, te_fault_entry
    vector 0x3C0, te_fault_entry

    .section .text.te_fault_entry, "ax"
    .literal_position
    .align 4
    .global te_fault_entry
    .type te_fault_entry, @function
te_fault_entry:
    RSR_A3(EPC1)
    RSR_A4(EXCCAUSE)
    j report
    .size te_fault_entry, . - te_fault_entry

    .align 4
    .global te_debug_entry
    .type te_debug_entry, @function
te_debug_entry:
    RSR_A3(EPC6)
    RSR_A4(DEBUGCAUSE)
    addi a4, a4, 64 /* behind the exceptions' causes */
    j report
    .size te_debug_entry, . - te_debug_entry

    /* The stack may be what failed, so the report starts on an empty one; nobody returns to the old. */
    .align 4
    .type report, @function
report:
    mov a2, a0
    movi sp, __stack_top
    movi a5, PS_CALL0
    wsr a5, ps
    rsync
    call0 te_fault
    .size report, . - report
