/* SPDX-License-Identifier: Apache-2.0 */
/* The stack of a port whose start-up paints it: where it is, and how much of it was used. */
#ifndef STACK_H
#define STACK_H

#include <stdint.h>

#include "hal.h"

/* What start-up fills the stack with. */
#define STACK_PAINT 0xA5C3A5C3u

/* Its ends, from the linker script */
extern uint8_t __stack_bottom[], __stack_top[];

/* What is no longer painted has been used. */
static inline void stack_memory(struct hal_memory *memory) {
    const volatile uint32_t *word = (const uint32_t *)(const void *)__stack_bottom;
    while (*word == STACK_PAINT) {
        word++;
    }
    memory->stack_size = (uint32_t)(__stack_top - __stack_bottom);
    memory->stack_used = (uint32_t)(__stack_top - (const uint8_t *)word);
}

#endif
