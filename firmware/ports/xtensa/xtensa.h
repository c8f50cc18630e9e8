/* SPDX-License-Identifier: Apache-2.0 */
/* What start-up, fault handler and hal of every Xtensa share. */
#ifndef XTENSA_H
#define XTENSA_H

#include <stdint.h>

#include "hal.h"
#include "ports/stack.h"

#define CHIP_REGISTER(address) (*(volatile uint32_t *)(address))

/* A special register; its name is a word of the instruction. */
#define CHIP_READ_SR(name, value) __asm__ volatile("rsr %0, " name : "=r"(value))

/* Comes from the boot ROM: what the core needs before any C, then te_start(). */
_Noreturn void reset_handler(void);

/* Gives a C world, then te_main(). */
void te_start(void);

/* Stops watchdogs, sets the clocks and whatever else the chip needs before te_main(). */
void te_chip_init(void);

/* Prepares the line. */
void te_line_init(void);

/* The low half of the cycle counter. */
static inline uint32_t chip_cycles(void) {
    uint32_t cycles;
    CHIP_READ_SR("ccount", cycles);
    return cycles;
}

/* Calls a function of the boot ROM. */
uint32_t te_rom(uint32_t function, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e);

/* Waits for `cycles` of the CPU clock. */
static inline void chip_wait(uint32_t cycles) {
    const uint32_t start = chip_cycles();
    while (chip_cycles() - start < cycles) {
    }
}

/* Waits until the bits of `mask` in a register are `value`, for `cycles` at most: an emulator may not have
 * what sets them. */
static inline void chip_await(uint32_t address, uint32_t mask, uint32_t value, uint32_t cycles) {
    const uint32_t start = chip_cycles();
    while ((CHIP_REGISTER(address) & mask) != value && chip_cycles() - start < cycles) {
    }
}

#endif
