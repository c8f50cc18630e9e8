/* SPDX-License-Identifier: Apache-2.0 */
/* Takes an Armv8-M core without Helium out of reset; the reset.c of a port includes this definition. */
#ifndef ARMV8M_RESET_H
#define ARMV8M_RESET_H

#include "cortex_m.h"

/* MSPLIM makes a stack overflow a fault. */
__attribute__((naked, noreturn)) void reset_handler(void) {
    __asm__ volatile("ldr r0, =__stack_bottom \n"
                     "msr msplim, r0 \n"
                     "b te_start \n");
}

#endif
