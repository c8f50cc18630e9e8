/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Cortex-M33 of the RP2350 over from its boot ROM, which looks for the block below. */
#include "chip.h"

const struct {
    uint32_t begin, type, last, next, end;
} te_image __attribute__((section(".boot.block"), used)) = {
    RP2350_BLOCK_BEGIN, RP2350_IMAGE_TYPE(RP2350_EXECUTABLE | RP2350_SECURE), RP2350_ITEM_LAST(1u), 0,
    RP2350_BLOCK_END,
};

/* MSPLIM makes a stack overflow a fault; it comes first, since the ROM may have left its own. */
__attribute__((naked, noreturn)) void reset_handler(void) {
    __asm__ volatile("ldr r0, =__stack_bottom \n"
                     "msr msplim, r0 \n"
                     "ldr r0, =__stack_top \n"
                     "msr msp, r0 \n"
                     "b te_start \n");
}
