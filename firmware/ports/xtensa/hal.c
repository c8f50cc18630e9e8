/* SPDX-License-Identifier: Apache-2.0 */
/* Takes CCOUNT for the ticks, and what every Xtensa knows of its memory; line and reset are the chip's. */
#include "hal.h"

#include "xtensa.h"

extern uint8_t __static_size[]; /* a number, not an address */

static uint32_t wraps; /* of CCOUNT, each 2^32 cycles */
static uint32_t last;  /* CCOUNT when it was read last */

void hal_init(void) {
    te_chip_init();
    te_line_init();
}

/* CCOUNT wraps every 2^32 cycles (18 s at 240 MHz). The line is asked for bytes far more often while nothing
 * runs, and hal_read() comes here; a run longer than that would lose 2^32. */
uint64_t hal_ticks(void) {
    const uint32_t now = chip_cycles();
    wraps += now < last;
    last = now;
    return (uint64_t)wraps << 32 | now;
}

void hal_memory(struct hal_memory *memory) {
    stack_memory(memory);
    memory->static_size = (uint32_t)(uintptr_t)__static_size;
}
