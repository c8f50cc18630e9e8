/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an Armv7-M core out of reset; the reset.c of a port includes this definition. */
#ifndef ARMV7M_RESET_H
#define ARMV7M_RESET_H

#include "cortex_m.h"

/* Arm v7-M knows no stack limit. The stack begins where the RAM does, and the megabyte below it becomes a
 * region of the MPU without access, all else staying as it is: an overflow is a fault, with a handler of its
 * own since the CPU can save no registers there either. */
__attribute__((naked, noreturn)) void reset_handler(void) {
    __asm__ volatile("ldr r0, =0xE000ED9C \n"                       /* MPU_RBAR */
                     "ldr r1, =__stack_bottom - 0x100000 + 0x10 \n" /* region 0 */
                     "str r1, [r0] \n"
                     "ldr r1, =0x10000027 \n" /* MPU_RASR: execute never, no access, 2^20 bytes, on */
                     "str r1, [r0, #4] \n"
                     "movs r1, #5 \n" /* MPU_CTRL: on, all other addresses as without it */
                     "str r1, [r0, #-8] \n"
                     "ldr r1, =0x10000 \n"     /* MEMFAULTENA */
                     "str r1, [r0, #-0x78] \n" /* SHCSR */
                     "dsb \n"
                     "isb \n"
                     "b te_start \n");
}

#endif
