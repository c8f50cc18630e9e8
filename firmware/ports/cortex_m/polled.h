/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the ring that te_line_interrupt() fills, gives hal_read() what is in it. */
#ifndef POLLED_H
#define POLLED_H

#include "cortex_m.h"
#include "ports/ring.h"

/* Never sleeps: SysTick would stand still. Bytes whose interrupt does not come (the emulator labwired knows
 * none) are taken here. */
static inline size_t polled_read(struct ring *ring, uint8_t *buffer, size_t size) {
    if (ring_empty(ring)) {
        __asm__ volatile("cpsid i" ::: "memory");
        te_line_interrupt();
        __asm__ volatile("cpsie i" ::: "memory");
    }
    return ring_take(ring, buffer, size);
}

#endif
