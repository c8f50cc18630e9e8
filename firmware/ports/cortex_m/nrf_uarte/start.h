/* SPDX-License-Identifier: Apache-2.0 */
/* What a chip with a UARTE does before its line: trims, debug port, clock, cache. */
#ifndef START_H
#define START_H

#include <stdint.h>

#include "chip.h"

/* Takes the CPU to TE_BOARD_CLOCK_HZ, and starts the crystal, which the UARTE's baud is made of. */
void te_clock_init(void);

/* Copies what the factory measured of this chip to the registers that want it: pairs of address and value,
 * which end at an address that was never written. */
static inline void start_trim(uintptr_t pairs, uint32_t most) {
    for (uint32_t i = 0; i < most; i++) {
        const uint32_t address = CHIP_REGISTER(pairs + 8u * i);
        if (address == 0 || address == 0xFFFFFFFFu) {
            return;
        }
        CHIP_REGISTER(address) = CHIP_REGISTER(pairs + 8u * i + 4u);
    }
}

/* Waits until an event has come, for 15 ms at the longest: a crystal needs 0.4 ms, and without it all runs on
 * the internal oscillator. */
static inline void start_wait(uintptr_t event) {
    for (uint32_t turn = 0; turn < 200000u && CHIP_REGISTER(event) == 0; turn++) {
    }
}

#endif
