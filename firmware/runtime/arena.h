/* SPDX-License-Identifier: Apache-2.0 */
/* The model's one piece of memory, with guard bytes on both sides. */
#ifndef TE_ARENA_H
#define TE_ARENA_H

#include <stdint.h>

#include "te_app.h"

#define TE_NO_LAYER 0xFFFFFFFFu

uint8_t *te_arena(void);

/* Writes the guard bytes anew. */
void te_arena_arm(void);

/* 0 when the guard bytes are whole; 1 when those before the arena are not, 2 behind it, 3 both. */
uint32_t te_arena_broken(void);

/* Runs layers first .. last - 1; returns the ticks that they took. */
uint64_t te_arena_run(uint32_t first, uint32_t last);

/* The layer that runs now (an interrupt or a fault asks), TE_NO_LAYER when none does. */
uint32_t te_arena_layer(void);

#endif
