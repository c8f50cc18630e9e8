/* SPDX-License-Identifier: Apache-2.0 */
/* Takes hart 0 of QEMU's machine `virt` out of reset: it starts at the first byte of RAM (-bios none). */
#include "riscv.h"

/* mstatus.VS turns the vector unit on where there is one, before any C, which may use it. The image lies in
 * RAM: physical memory protection, locked and so binding machine mode too, makes a ROM of what the board file
 * calls flash, from here to the stack that lies behind it. A stack overflow then faults. */
__attribute__((naked, noreturn, section(".vectors"))) void reset_handler(void) {
    __asm__ volatile("la sp, __stack_top \n"
                     "la t0, te_fault_entry \n"
                     "csrw mtvec, t0 \n"
                     "li t0, 0x600 \n" /* VS */
                     "csrs mstatus, t0 \n"
                     "la t0, reset_handler \n"
                     "srli t0, t0, 2 \n"
                     "csrw pmpaddr0, t0 \n"
                     "la t0, __stack_bottom \n"
                     "srli t0, t0, 2 \n"
                     "csrw pmpaddr1, t0 \n"
                     "li t0, 0x8D00 \n" /* entry 1: locked, from pmpaddr0 to pmpaddr1, execute and read */
                     "csrw pmpcfg0, t0 \n"
                     "j te_start \n");
}

/* QEMU's "sifive_test" device */
#define FINISHER CHIP_REGISTER(0x00100000u)
#define FINISHER_RESET 0x7777u

_Noreturn void hal_reset(void) {
    te_line_drain();
    FINISHER = FINISHER_RESET;
    for (;;) {
    }
}
