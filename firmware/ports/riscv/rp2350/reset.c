/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Hazard3 of the RP2350 over from its boot ROM, which looks for the block below. */
#include "chip.h"

const struct {
    uint32_t begin, type, entry_point;
    void (*entry)(void);
    uint8_t *stack;
    uint32_t last, next, end;
} te_image __attribute__((section(".boot.block"), used)) = {
    RP2350_BLOCK_BEGIN,
    RP2350_IMAGE_TYPE(RP2350_EXECUTABLE | RP2350_RISCV),
    RP2350_ENTRY_POINT,
    reset_handler,
    __stack_top,
    RP2350_ITEM_LAST(4u),
    0,
    RP2350_BLOCK_END,
};

/* mtvec.MODE is in the address's lowest bits, 0: one handler. Out of reset the counters stand still
 * (mcountinhibit: RP2350 Datasheet 3.8). Below the stack is no RAM: an overflow faults. */
__attribute__((naked, noreturn, section(".vectors"))) void reset_handler(void) {
    __asm__ volatile("csrci mstatus, 8 \n" /* MIE */
                     "la sp, __stack_top \n"
                     "la t0, te_fault_entry \n"
                     "csrw mtvec, t0 \n"
                     "csrw 0x320, zero \n" /* mcountinhibit */
                     "j te_start \n");
}

/* Power-on state machine and watchdog: RP2350 Datasheet 7.4 and 12.9. The watchdog's reset takes all but the
 * oscillators. */
#define PSM_WDSEL CHIP_REGISTER(0x40018008u)
#define PSM_ALL 0x01FFFFFFu
#define PSM_OSCILLATORS (1u << 2 | 1u << 3)
#define WATCHDOG_CTRL CHIP_REGISTER(0x400D8000u)
#define WATCHDOG_NOW (1u << 31)

_Noreturn void hal_reset(void) {
    te_line_drain();
    PSM_WDSEL = PSM_ALL & ~PSM_OSCILLATORS;
    WATCHDOG_CTRL = WATCHDOG_NOW;
    for (;;) {
    }
}
