/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the FE310-G002 over from the bootloader of the HiFive1 Rev B, which jumps to 0x20010000. */
#include "chip.h"

/* Below the stack is nothing: an overflow faults. */
__attribute__((naked, noreturn, section(".vectors"))) void reset_handler(void) {
    __asm__ volatile("la sp, __stack_top \n"
                     "la t0, te_fault_entry \n"
                     "csrw mtvec, t0 \n"
                     "j te_start \n");
}

/* The only reset that software has is the watchdog's, which leads through the bootloader and its second of
 * waiting. Start-up sets all that this firmware uses, so this goes there, as from an exception in machine
 * mode with interrupts off. */
_Noreturn void hal_reset(void) {
    te_line_drain();
    __asm__ volatile("csrw mepc, %0 \n"
                     "csrw mstatus, %1 \n"
                     "mret \n" ::"r"(reset_handler),
                     "r"(0x1800) /* MPP: machine */
                     : "memory");
    __builtin_unreachable();
}
