/* SPDX-License-Identifier: Apache-2.0 */
/* The models' memory, with guard bytes on both sides of the arena and of each state. */
#ifndef TE_ARENA_H
#define TE_ARENA_H

#include <stdint.h>

#include "app.h"

#define TE_NO_LAYER 0xFFFFFFFFu

/* What te_arena_renew() finds, or-ed. */
#define TE_BROKEN_BEFORE 1u
#define TE_BROKEN_BEHIND 2u
#define TE_BROKEN_STATE_BEFORE 4u
#define TE_BROKEN_STATE_BEHIND 8u

/* Gives the arena to a model, unless it has it already: to be called before its arena is written to. */
void te_arena_take(const struct te_served *served);

/* Writes the guards of the model that has the arena, and of its state, anew: 0 when they were whole, else
 * TE_BROKEN_*. */
uint32_t te_arena_renew(void);

/* Runs layers first .. last - 1; returns the ticks that they took. */
uint64_t te_arena_execute(const struct te_served *served, uint32_t first, uint32_t last);

/* Writes the values that the model's state has before the first run. */
void te_arena_restore(const struct te_served *served);

/* The layer that runs now (an interrupt or a fault asks): its number, and in the upper half that of its
 * model; TE_NO_LAYER when none does. */
uint32_t te_arena_layer(void);

#endif
