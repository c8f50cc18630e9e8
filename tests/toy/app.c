/* SPDX-License-Identifier: Apache-2.0 */
#include "te_app.h"

/* Output: a number that depends on all inputs of all runs so far and on their order (runtime_toy.fold). */
static void fold(uint8_t *arena) {
    uint32_t state = arena[0] | (uint32_t)arena[1] << 8 | (uint32_t)arena[2] << 16 | (uint32_t)arena[3] << 24;
    for (uint32_t i = 16; i < 80; i++) {
        state = state * 1664525u + arena[i] + 1u;
    }
    for (uint32_t i = 0; i < 4; i++) {
        arena[i] = (uint8_t)(state >> 8 * i);
    }
}

/* Does what byte 4 asks for. */
static void misbehave(uint8_t *arena) {
    volatile uint8_t *volatile bytes = arena;
    switch (arena[4]) {
    case 1: /* before the arena */
        bytes[-1] = 0;
        break;
    case 2: /* behind it */
        bytes[TE_APP_ARENA_SIZE] = 0;
        break;
    case 3: /* a trap */
        __builtin_trap();
    case 4: /* for ever */
        for (;;) {
            bytes[5] = 1;
        }
    case 5: /* on mps3-an547 more than 2^24 ticks of SysTick, 31.25 instructions each */
        for (uint32_t i = 0; i < 1u << 23; i++) {
            __asm__ volatile(".rept 70 \n nop \n .endr");
        }
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

void te_app_run_layers(void *arena, uint32_t first, uint32_t last) {
    uint8_t *bytes = arena;
    if (first == 0 && last > 0) {
        fold(bytes);
    }
    if (first <= 1 && last > 1) {
        misbehave(bytes);
    }
    if (first <= 2 && last > 2) {
        bytes[9] = (uint8_t)dig(bytes, bytes[8] * 16u);
    }
}
