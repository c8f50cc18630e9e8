/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Cortex-M55 out of reset, or out of a debugger's hands; the reset.c of a port includes this
 * definition.
 */
#ifndef CORTEX_M55_RESET_H
#define CORTEX_M55_RESET_H

#include "cortex_m.h"

/* In assembler, since a C compiler may use an FPU register in any prologue: CPACR gives access to the FPU and
 * MVE (CP10, CP11), CCR.LOB turns on the loop instructions, MSPLIM makes a stack overflow a fault. The stack
 * pointer is what a reset loads; a debugger that starts us loads none. */
__attribute__((naked, noreturn)) void reset_handler(void) {
    __asm__ volatile("ldr r0, =0xE000ED88 \n" /* CPACR */
                     "ldr r1, [r0] \n"
                     "orr r1, r1, #0xF00000 \n"
                     "str r1, [r0] \n"
                     "ldr r0, =0xE000ED14 \n" /* CCR */
                     "ldr r1, [r0] \n"
                     "orr r1, r1, #0x80000 \n"
                     "str r1, [r0] \n"
                     "dsb \n"
                     "isb \n"
                     "movs r0, #0 \n"
                     "msr msplim, r0 \n"
                     "ldr r0, =__stack_top \n"
                     "msr msp, r0 \n"
                     "ldr r0, =__stack_bottom \n"
                     "msr msplim, r0 \n"
                     "b te_start \n");
}

#endif
