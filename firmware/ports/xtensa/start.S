/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the core from the boot ROM, which uses register windows, to C of the call0 ABI, which does not; and
   every exception to te_fault().

   Names of special registers that some assemblers do not know are written as instruction bytes: WSR at, sr is
   at << 4, sr, 0x13 (Xtensa Instruction Set Architecture Reference Manual, "Instruction formats"). */

/* Exceptions off (level 15), user mode, no register windows: PS.INTLEVEL = 15, UM (bit 5), WOE (bit 18) clear. */
#define PS_CALL0 0x2F

#define WSR_A2(register) .byte 0x20, register, 0x13
#define LCOUNT 2
#define WINDOWBASE 72
#define WINDOWSTART 73
#define INTENABLE 228
#define VECBASE 231

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

/* Exceptions lead to VECBASE + offset (XCHAL_*_VECOFS of the ESP32 and the ESP32-S3): levels 2 to 7, kernel,
   user, double. All interrupts are off, so the first six come from what is not ours, too. */
    .section .vectors, "ax"
    .align 1024
vectors:
    .macro vector offset
    .org vectors + \offset
    j te_fault_entry
    .endm
    vector 0x180
    vector 0x1C0
    vector 0x200
    vector 0x240
    vector 0x280
    vector 0x2C0
    vector 0x300
    vector 0x340
    vector 0x3C0

/* The stack may be what failed, so the report starts on an empty one; nobody returns to the old. */
    .literal_position
    .align 4
    .global te_fault_entry
    .type te_fault_entry, @function
te_fault_entry:
    mov a2, a0
    movi sp, __stack_top
    movi a3, PS_CALL0
    wsr a3, ps
    rsync
    call0 te_fault
    .size te_fault_entry, . - te_fault_entry
