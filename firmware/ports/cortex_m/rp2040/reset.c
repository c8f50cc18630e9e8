/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Cortex-M0+ out of reset. */
#include "chip.h"

/* The second stage has set the stack pointer; a debugger that enters here may not have. Arm v6-M knows no
 * stack limit: the megabyte below the stack becomes a region of the MPU without access, all else staying as
 * it is. */
__attribute__((naked, noreturn)) void reset_handler(void) {
    __asm__ volatile("ldr r0, =__stack_top \n"
                     "msr msp, r0 \n"
                     "ldr r0, =0xE000ED94 \n"                       /* MPU_CTRL */
                     "ldr r1, =__stack_bottom - 0x100000 + 0x10 \n" /* region 0 */
                     "str r1, [r0, #8] \n"                          /* MPU_RBAR */
                     "ldr r1, =0x10000027 \n" /* execute never, no access, 2^20 bytes, on */
                     "str r1, [r0, #12] \n"   /* MPU_RASR */
                     "movs r1, #5 \n"         /* on, all other addresses as without it */
                     "str r1, [r0] \n"
                     "dsb \n"
                     "isb \n"
                     "bl te_start \n");
}
