/* SPDX-License-Identifier: Apache-2.0 */
/* Takes layer numbers of a model, runs them in the arena and says whether they stayed in their memory. */
#include "arena.h"

#include "hal.h"

static const struct te_served *owner; /* whose guards stand around the arena */
static volatile uint32_t running;     /* te_arena_layer() + 1 */

/* Any pattern that differs from byte to byte: a layer that runs over writes runs of equal or similar values.
 */
static uint8_t guard_byte(uint32_t i) { return (uint8_t)(0xA7u ^ i * 29u); }

static void arm(uint8_t *block, uint32_t size) {
    for (uint32_t i = 0; i < TE_GUARD; i++) {
        block[i] = guard_byte(i);
        block[TE_GUARD + size + i] = guard_byte(i);
    }
}

/* Bit 0: the guard before the block of `size` bytes is broken; bit 1: that behind it. */
static uint32_t broken(const uint8_t *block, uint32_t size) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < TE_GUARD; i++) {
        found |= block[i] != guard_byte(i) ? TE_BROKEN_BEFORE : 0u;
        found |= block[TE_GUARD + size + i] != guard_byte(i) ? TE_BROKEN_BEHIND : 0u;
    }
    return found;
}

static uint8_t *state_of(const struct te_served *served) {
    return served->state == NULL ? NULL : served->state + TE_GUARD;
}

uint8_t *te_arena(void) { return te_app.arena + TE_GUARD; }

void te_arena_arm(const struct te_served *served) {
    owner = served;
    arm(te_app.arena, served->model->arena_size);
    if (served->state != NULL) {
        arm(served->state, served->model->state_size);
    }
}

void te_arena_take(const struct te_served *served) {
    if (served != owner) {
        te_arena_arm(served);
    }
}

uint32_t te_arena_broken(void) {
    uint32_t found = broken(te_app.arena, owner->model->arena_size);
    if (owner->state != NULL) {
        found |= broken(owner->state, owner->model->state_size) * TE_BROKEN_STATE_BEFORE;
    }
    return found;
}

uint64_t te_arena_execute(const struct te_served *served, uint32_t first, uint32_t last) {
    te_arena_take(served);
    uint8_t *const arena = te_arena();
    uint8_t *const state = state_of(served);
    void (*const layer)(void *, void *, uint32_t) = served->model->layer;
    const uint32_t base = (uint32_t)(served - te_app.served) << 16;
    const uint64_t start = hal_ticks();
    for (uint32_t i = first; i < last; i++) {
        running = base + i + 1;
        layer(arena, state, i);
#ifdef HAL_TICKS_WRAP
        (void)hal_ticks();
#endif
    }
    const uint64_t ticks = hal_ticks() - start;
    running = 0;
    return ticks;
}

void te_arena_restore(const struct te_served *served) { served->model->reset(state_of(served)); }

uint32_t te_arena_layer(void) { return running - 1u; }
