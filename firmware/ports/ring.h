/* SPDX-License-Identifier: Apache-2.0 */
/* Takes bytes from the receive interrupt, keeps them until hal_read() asks: HAL_RX_CREDIT of them. */
#ifndef RING_H
#define RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal.h"

_Static_assert(HAL_RX_CREDIT > 0 && (HAL_RX_CREDIT & (HAL_RX_CREDIT - 1)) == 0, "a power of two");

/* One core, one producer (the interrupt), one consumer: each counts its own bytes, modulo 2^32, and reads the
 * other's count. So no byte is written that is still to be read, and nothing need be locked. The fences hold
 * the compiler to that order; the core itself sees its own accesses in order. */
struct ring {
    volatile uint32_t put;
    volatile uint32_t taken;
    uint8_t bytes[HAL_RX_CREDIT];
};

static inline bool ring_empty(const struct ring *ring) { return ring->put == ring->taken; }

/* Drops the byte when the ring is full: the host went beyond its credit, and the frame's CRC will say so. */
static inline void ring_put(struct ring *ring, uint8_t byte) {
    const uint32_t put = ring->put;
    if (put - ring->taken == HAL_RX_CREDIT) {
        return;
    }
    ring->bytes[put % HAL_RX_CREDIT] = byte;
    atomic_signal_fence(memory_order_release);
    ring->put = put + 1;
}

/* Takes at most `size` bytes, gives how many. */
static inline size_t ring_take(struct ring *ring, uint8_t *to, size_t size) {
    const uint32_t put = ring->put;
    uint32_t taken = ring->taken;
    size_t count = 0;
    atomic_signal_fence(memory_order_acquire);
    while (count < size && taken != put) {
        to[count++] = ring->bytes[taken++ % HAL_RX_CREDIT];
    }
    atomic_signal_fence(memory_order_release);
    ring->taken = taken;
    return count;
}

#endif
