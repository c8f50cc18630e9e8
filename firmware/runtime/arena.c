/* SPDX-License-Identifier: Apache-2.0 */
/* Takes layer numbers, runs them in the arena and says whether they stayed inside it. */
#include "arena.h"

#include "hal.h"

/* The guards are as large as the strictest alignment in use (a Helium or SSE vector), so the arena stays
 * aligned. */
#define GUARD 16u
#define ALIGN (TE_APP_ARENA_ALIGN > GUARD ? TE_APP_ARENA_ALIGN : GUARD)
#define END (ALIGN + TE_APP_ARENA_SIZE)

/* `used` keeps compilers from merging it with other variables: the size table shows it by its name. */
static _Alignas(ALIGN) uint8_t arena_memory[END + GUARD] __attribute__((used));
static volatile uint32_t running; /* the layer that runs, counted from 1; 0 when none does */

/* Any pattern that differs from byte to byte: a layer that runs over writes runs of equal or similar values.
 */
static uint8_t guard_byte(uint32_t i) { return (uint8_t)(0xA7u ^ i * 29u); }

uint8_t *te_arena(void) { return arena_memory + ALIGN; }

void te_arena_arm(void) {
    for (uint32_t i = 0; i < GUARD; i++) {
        arena_memory[ALIGN - GUARD + i] = guard_byte(i);
        arena_memory[END + i] = guard_byte(i);
    }
}

uint32_t te_arena_broken(void) {
    uint32_t broken = 0;
    for (uint32_t i = 0; i < GUARD; i++) {
        broken |= arena_memory[ALIGN - GUARD + i] != guard_byte(i) ? 1u : 0u;
        broken |= arena_memory[END + i] != guard_byte(i) ? 2u : 0u;
    }
    return broken;
}

uint64_t te_arena_run(uint32_t first, uint32_t last) {
    const uint64_t start = hal_ticks();
    for (uint32_t i = first; i < last; i++) {
        running = i + 1;
        te_app_run_layers(te_arena(), i, i + 1);
#ifdef HAL_TICKS_WRAP
        (void)hal_ticks();
#endif
    }
    const uint64_t ticks = hal_ticks() - start;
    running = 0;
    return ticks;
}

uint32_t te_arena_layer(void) { return running - 1u; }
