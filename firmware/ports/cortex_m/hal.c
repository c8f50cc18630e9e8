/* SPDX-License-Identifier: Apache-2.0 */
/* Takes SysTick for the ticks, and what every Cortex-M knows of its memory; the line is the chip's.
 *
 * SysTick and not DWT_CYCCNT: both count the CPU's cycles, but every core and emulator has SysTick, it counts
 * on in a sleep, no debug lock hides it, and CYCCNT's upper half would need an interrupt as well. */
#include "hal.h"

#include "cortex_m.h"

/* Arm v7-M and v8-M system control space: SysTick and system control block */
#define SCS 0xE000E000u
#define SYST_CSR 0x010u
#define SYST_RVR 0x014u
#define SYST_CVR 0x018u
#define SYST_TOP 0xFFFFFFu /* 24 bits */
#define ICSR 0xD04u
#define ICSR_SYSTICK (1u << 26)
#define AIRCR 0xD0Cu
#define AIRCR_RESET 0x05FA0004u

extern uint8_t __static_size[]; /* a number, not an address */

static volatile uint32_t wraps; /* of SysTick, each 2^24 ticks */

void te_systick(void) { wraps++; }

void hal_init(void) {
    te_line_init();
    CHIP_REGISTER(SCS + SYST_RVR) = SYST_TOP;
    CHIP_REGISTER(SCS + SYST_CVR) = 0;
    CHIP_REGISTER(SCS + SYST_CSR) = 7; /* CPU clock, interrupt, on */
}

/* Reads again when a wrap falls between the two halves, or has not been counted yet. */
uint64_t hal_ticks(void) {
    uint32_t high;
    uint32_t low;
    uintptr_t scs = SCS;
    __asm__("" : "+r"(scs)); /* one constant for both registers, not two */
    do {
        high = wraps;
        low = SYST_TOP - CHIP_REGISTER(scs + SYST_CVR);
    } while (high != wraps || (CHIP_REGISTER(scs + ICSR) & ICSR_SYSTICK) != 0);
    return (uint64_t)high << 24 | low;
}

void hal_memory(struct hal_memory *memory) {
    stack_memory(memory);
    memory->static_size = (uint32_t)(uintptr_t)__static_size;
}

_Noreturn void hal_reset(void) {
    te_line_drain();
    CHIP_REGISTER(SCS + AIRCR) = AIRCR_RESET;
    for (;;) {
    }
}
