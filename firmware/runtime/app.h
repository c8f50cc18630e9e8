/* SPDX-License-Identifier: Apache-2.0 */
/* What an image holds besides the runtime: its identity, its models and their memory. */
#ifndef TE_APP_H
#define TE_APP_H

#include <stdint.h>

#include "model.h"

/* Bytes before and behind each block of memory that no run may touch; also what blocks are aligned to, which
 * is the strictest alignment in use (a Helium or SSE vector). */
#define TE_GUARD 16u

/* What a block of `size` bytes takes with its guards. */
#define TE_GUARDED(size) (TE_GUARD + (size) + TE_GUARD)

/* A model and its state, with TE_GUARD bytes before it and behind it; a null pointer where it has none. */
struct te_served {
    const struct te_model *model;
    uint8_t *state;
};

/* The one te_app is in the generated app.c. Models run in turn and share the arena, which holds the largest:
 * what one left in it is gone when another has run. */
struct te_app {
    const char *identity; /* version of the tool, board, build id, each with a zero behind it */
    uint32_t identity_size;
    uint32_t models;
    const struct te_served *served;
    uint8_t *arena; /* with guards, as a state */
    uint32_t arena_size;
};

extern const struct te_app te_app;

#endif
