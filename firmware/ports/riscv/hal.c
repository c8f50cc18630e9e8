/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a counter of the core for the ticks, and what every RISC-V knows of its memory; line and reset are
 * the chip's. */
#include "hal.h"

#include "riscv.h"

extern uint8_t __static_size[]; /* a number, not an address */

/* A chip whose core has a counter of its own kind brings hal_init() and hal_ticks(). */
#ifndef HAL_OWN_TICKS
#if HAL_TICK_UNIT == HAL_UNIT_CYCLES
#define COUNTER "mcycle"
#else
#define COUNTER "minstret"
#endif

void hal_init(void) { te_line_init(); }

/* Reads again when the low half wraps between the two reads of the high one. */
uint64_t hal_ticks(void) {
    uint32_t high;
    uint32_t low;
    uint32_t again;
    do {
        CHIP_READ_CSR(COUNTER "h", high);
        CHIP_READ_CSR(COUNTER, low);
        CHIP_READ_CSR(COUNTER "h", again);
    } while (high != again);
    return (uint64_t)high << 32 | low;
}
#endif

void hal_memory(struct hal_memory *memory) {
    stack_memory(memory);
    memory->static_size = (uint32_t)(uintptr_t)__static_size;
}
