/* SPDX-License-Identifier: Apache-2.0 */
/* An image of two models with a memory, for tests of the runtime: they show whether everything was done once
 * and in order. */
#include "runtime/app.h"

/* Odd, and small enough for a chip with 16 KB. */
#define TOY_ARENA 8003u
#define TOY_STATE 7u
#define OTHER_ARENA 1001u

/* Output: a number that depends on all inputs of all runs so far and on their order (runtime_toy.fold). */
static void fold(uint8_t *arena) {
    uint32_t sum = arena[0] | (uint32_t)arena[1] << 8 | (uint32_t)arena[2] << 16 | (uint32_t)arena[3] << 24;
    for (uint32_t i = 16; i < 80; i++) {
        sum = sum * 1664525u + arena[i] + 1u;
    }
    for (uint32_t i = 0; i < 4; i++) {
        arena[i] = (uint8_t)(sum >> 8 * i);
    }
}

/* On mps3-an547 more than 2^24 ticks of SysTick, 31.25 instructions each. Apart from all else, since
 * compilers count the lines of assembler to know how far Thumb's branches must reach. */
static __attribute__((noinline)) void dawdle(void) {
    for (uint32_t i = 0; i < 1u << 23; i++) {
        __asm__ volatile(".rept 70 \n nop \n .endr");
    }
}

/* Does what byte 4 asks for. */
static void misbehave(uint8_t *arena, uint8_t *state) {
    volatile uint8_t *volatile bytes = arena;
    volatile uint8_t *volatile kept = state;
    switch (arena[4]) {
    case 1: /* before the arena */
        bytes[-1] = 0;
        break;
    case 2: /* behind it */
        bytes[TOY_ARENA] = 0;
        break;
    case 3: /* a trap */
        __builtin_trap();
    case 4: /* for ever */
        for (;;) {
            bytes[5] = 1;
        }
    case 5:
        dawdle();
        break;
    case 6: /* before the state */
        kept[-1] = 0;
        break;
    case 7: /* behind it */
        kept[TOY_STATE] = 0;
        break;
    default:
        break;
    }
}

/* Needs a stack of 256 bytes for each level that byte 8 asks for, in steps of 16 levels. */
static uint32_t dig(const uint8_t *arena, uint32_t level) {
    volatile uint8_t room[256];
    room[level & 255] = arena[8];
    return level == 0 ? room[0] : dig(arena, level - 1) + room[level & 255];
}

static void toy_layer(void *arena, uint32_t index, void *state) {
    uint8_t *bytes = arena;
    switch (index) {
    case 0:
        fold(bytes);
        break;
    case 1:
        misbehave(bytes, state);
        break;
    case 2:
        bytes[9] = (uint8_t)dig(bytes, bytes[8] * 16u);
        break;
    default: /* counts runs */
        bytes[10] = ++((uint8_t *)state)[TOY_STATE - 1];
    }
}

static void toy_reset(void *state) {
    for (uint32_t i = 0; i < TOY_STATE; i++) {
        ((uint8_t *)state)[i] = (uint8_t)(100 + i);
    }
}

/* Its two outputs are the first and the last byte of its input, the latter made negative. */
static void other_layer(void *arena, uint32_t index, void *state) {
    uint8_t *bytes = arena;
    (void)state;
    (void)index;
    bytes[OTHER_ARENA - 1] = bytes[0];
    bytes[8] = (uint8_t)-bytes[2];
}

static void other_reset(void *state) { (void)state; }

static const struct te_place toy_places[] = {{16, 64}, {0, 4}};
static const struct te_place other_places[] = {{0, 3}, {OTHER_ARENA - 1, 1}, {8, 1}};

static const char toy_name[] = "toy\0"
                               "0123456789abcdef";
static const char other_name[] = "other\0"
                                 "123456789abcdef0";

static const struct te_model toy = {
    TOY_ARENA, TOY_STATE, 4, 1, 1, 16, sizeof toy_name, toy_name, toy_places, toy_layer, toy_reset,
};
static const struct te_model other = {
    OTHER_ARENA, 0, 1, 1, 2, 4, sizeof other_name, other_name, other_places, other_layer, other_reset,
};

static _Alignas(TE_GUARD) uint8_t arena_memory[TE_GUARDED(TOY_ARENA)] __attribute__((used));
static _Alignas(TE_GUARD) uint8_t state_memory0[TE_GUARDED(TOY_STATE)] __attribute__((used));

static const struct te_served served[] = {{&toy, state_memory0 + TE_GUARD}, {&other, 0}};
static const char identity[] = "0.1.0\0"
                               "toy-board\0"
                               "fedcba9876543210";

const struct te_app te_app = {identity, sizeof identity, 2, served, arena_memory + TE_GUARD, TOY_ARENA};
