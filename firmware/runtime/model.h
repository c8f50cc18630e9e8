/* SPDX-License-Identifier: Apache-2.0 */
/* What the runtime knows of a model: a value in flash that the compiler wrote and nothing else refers to. */
#ifndef TE_MODEL_H
#define TE_MODEL_H

#include <stddef.h>
#include <stdint.h>

/* Where an input or an output lies in the arena, in bytes. */
struct te_place {
    uint32_t offset;
    uint32_t size;
};

/* One model. All that it points to is its own and constant; its code is independent of where it runs, so that
 * only these pointers tie it to an address (a loader moves them, a slot is linked for where it stands). The
 * caller lends `arena_size` bytes for what lives during a run and `state_size` for what lives from one run to
 * the next, each at a multiple of `align`. */
struct te_model {
    /* These five are the answer to MODEL (link.h) as they stand. */
    uint32_t arena_size;
    uint32_t state_size; /* 0: a run depends on its inputs alone, and `state` may be a null pointer */
    uint32_t layers;
    uint16_t inputs;
    uint16_t outputs;

    uint16_t align; /* of arena and state */

    uint16_t identity_size;

    /* Its name, and the first 16 hexadecimal digits of the SHA-256 of the model file, each with a zero behind. */
    const char *identity;

    const struct te_place *places; /* of the inputs, then of the outputs */

    /* Runs one layer; a run is all of them in order, from 0 to layers - 1. */
    void (*layer)(void *arena, uint32_t index, void *state);

    /* Writes the values that the state has before the first run. The functions stay last (names.py). */
    void (*reset)(void *state);
};

_Static_assert(offsetof(struct te_model, layer) == sizeof(struct te_model) - 2 * sizeof(void *),
               "the stack's bound reads the last two words");

#endif
