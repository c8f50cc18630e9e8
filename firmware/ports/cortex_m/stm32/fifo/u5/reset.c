/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Cortex-M33 out of reset. */
#include "chip.h"

/* MSPLIM makes a stack overflow a fault. */
__attribute__((naked, noreturn)) void reset_handler(void) {
    __asm__ volatile("ldr r0, =__stack_bottom \n"
                     "msr msplim, r0 \n"
                     "b te_start \n");
}
