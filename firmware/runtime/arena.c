/* SPDX-License-Identifier: Apache-2.0 */
/* Takes layer numbers of a model, runs them in the arena and says whether they stayed in their memory. */
#include "arena.h"

#include "hal.h"

static const struct te_served *owner; /* whose guards stand around the arena */
static volatile uint32_t running;     /* what te_arena_layer() gives, + 1 */

/* Writes both guards of a block anew; gives TE_BROKEN_* for those that were not whole. The pattern differs
 * from byte to byte: a layer that runs over writes runs of equal or similar values. */
static uint32_t renew(uint8_t *block, uint32_t size) {
    uint32_t found = 0;
    uint8_t *at = block - TE_GUARD;
    for (uint32_t i = 0; i < 2 * TE_GUARD; i++) {
        if (i == TE_GUARD) {
            at += size;
        }
        const uint8_t guard = (uint8_t)(0xA7u ^ i * 29u);
        if (at[i] != guard) {
            at[i] = guard;
            found |= TE_BROKEN_BEFORE << i / TE_GUARD;
        }
    }
    return found;
}

uint32_t te_arena_renew(void) {
    uint32_t found = renew(te_app.arena, owner->model->arena_size);
    if (owner->state != NULL) {
        found |= renew(owner->state, owner->model->state_size) * TE_BROKEN_STATE_BEFORE;
    }
    return found;
}

void te_arena_take(const struct te_served *served) {
    if (served != owner) {
        owner = served;
        (void)te_arena_renew();
    }
}

/* Not inlined, so that the one call through a pointer is where the stack's bound looks for it. */
__attribute__((noinline)) uint64_t te_arena_execute(const struct te_served *served, uint32_t first,
                                                    uint32_t last) {
    te_arena_take(served);
    void (*const layer)(void *, uint32_t, void *) = served->model->layer;
    uint8_t *const state = served->state;
    const uint32_t number = (uint32_t)(served - te_app.served) << 16;
    HAL_MARK_BEGIN();
    const uint64_t start = hal_ticks();
    for (uint32_t at = number + first; at < number + last;) {
        const uint16_t index = (uint16_t)at;
        running = ++at;
        layer(te_app.arena, index, state);
#ifdef HAL_TICKS_WRAP
        (void)hal_ticks();
#endif
    }
    const uint64_t ticks = hal_ticks() - start;
    HAL_MARK_END();
    running = 0;
    return ticks;
}

void te_arena_restore(const struct te_served *served) { served->model->reset(served->state); }

uint32_t te_arena_layer(void) { return running - 1u; }
