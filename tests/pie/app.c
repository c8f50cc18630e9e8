/* SPDX-License-Identifier: Apache-2.0 */
/* An image whose model has one layer, tried.h, for tests/emulated/test_pie_model.py. */
#include "runtime/app.h"
#include "tried.h"

#define ARENA 1024u

static void layer(void *arena, uint32_t index, void *state) {
    (void)state;
    (void)index;
    tried(arena, (int8_t *)arena + 512);
}

static void reset(void *state) { (void)state; }

static const struct te_place places[] = {{0, 512}, {512, 512}};
static const char name[] = "tried\0"
                           "0123456789abcdef";
static const struct te_model model = {
    ARENA, 0, 1, 1, 1, 16, sizeof name, name, places, layer, reset,
};
static _Alignas(TE_GUARD) uint8_t arena_memory[TE_GUARDED(ARENA)] __attribute__((used));
static const struct te_served served[] = {{&model, 0}};
static const char identity[] = "0.1.0\0"
                               "tried\0"
                               "fedcba9876543210";

const struct te_app te_app = {identity, sizeof identity, 1, served, arena_memory + TE_GUARD, ARENA};
