/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a GD32VF103 out of reset: it starts at 0, where it also shows the flash. */
#include "chip.h"

/* Addresses are counted from the instruction that makes them, so that a jump to where the flash really is
 * comes first. The counters may stand still (mcountinhibit). */
__attribute__((naked, noreturn, section(".vectors"))) void reset_handler(void) {
    __asm__ volatile("csrci mstatus, 8 \n" /* MIE */
                     "lui t0, %hi(.Lin_flash) \n"
                     "jalr zero, %lo(.Lin_flash)(t0) \n"
                     ".Lin_flash: \n"
                     "la sp, __stack_top \n"
                     "la t0, te_fault_entry \n"
                     "csrw mtvec, t0 \n"
                     "csrw 0x320, zero \n" /* mcountinhibit */
                     "j te_start \n");
}

/* Free watchdog: GD32VF103 User Manual, "FWDGT". It counts 10 kHz down from RLD, and is the only reset that
 * the manual gives software. */
#define FWDGT_CTL CHIP_REGISTER(0x40003000u)
#define FWDGT_RLD CHIP_REGISTER(0x40003008u)
#define FWDGT_STAT CHIP_REGISTER(0x4000300Cu)
#define CTL_START 0xCCCCu
#define CTL_UNLOCK 0x5555u
#define CTL_RELOAD 0xAAAAu

_Noreturn void hal_reset(void) {
    te_line_drain();
    FWDGT_CTL = CTL_START;
    FWDGT_CTL = CTL_UNLOCK;
    FWDGT_RLD = 1;
    while (FWDGT_STAT != 0) {
    }
    FWDGT_CTL = CTL_RELOAD;
    for (;;) {
    }
}
