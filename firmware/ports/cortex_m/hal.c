/* SPDX-License-Identifier: Apache-2.0 */
/* Takes SysTick for the ticks, and what every Cortex-M knows of its memory; the line is the chip's.
 *
 * SysTick and not DWT_CYCCNT: both count the CPU's cycles, but every core and emulator has SysTick, it counts
 * on in a sleep, no debug lock hides it, and CYCCNT's upper half would need an interrupt as well. */
#include "hal.h"

#include "cortex_m.h"

/* Arm v7-M and v8-M SysTick and system control block */
#define SYST_CSR CHIP_REGISTER(0xE000E010u)
#define SYST_RVR CHIP_REGISTER(0xE000E014u)
#define SYST_CVR CHIP_REGISTER(0xE000E018u)
#define SYST_TOP 0xFFFFFFu /* 24 bits */
#define ICSR CHIP_REGISTER(0xE000ED04u)
#define ICSR_SYSTICK (1u << 26)
#define AIRCR CHIP_REGISTER(0xE000ED0Cu)
#define AIRCR_RESET 0x05FA0004u

extern uint8_t __data_start[], __data_end[], __bss_start[], __bss_end[];

static volatile uint32_t wraps; /* of SysTick, each 2^24 ticks */

void te_systick(void) { wraps++; }

void hal_init(void) {
    te_line_init();
    SYST_RVR = SYST_TOP;
    SYST_CVR = 0;
    SYST_CSR = 7; /* CPU clock, interrupt, on */
}

/* Reads again when a wrap falls between the two halves, or has not been counted yet. */
uint64_t hal_ticks(void) {
    uint32_t high;
    uint32_t low;
    do {
        high = wraps;
        low = SYST_TOP - SYST_CVR;
    } while (high != wraps || (ICSR & ICSR_SYSTICK) != 0);
    return (uint64_t)high << 24 | low;
}

void hal_memory(struct hal_memory *memory) {
    stack_memory(memory);
    memory->static_size = (uint32_t)(__data_end - __data_start + (__bss_end - __bss_start));
}

_Noreturn void hal_reset(void) {
    te_line_drain();
    AIRCR = AIRCR_RESET;
    for (;;) {
    }
}
