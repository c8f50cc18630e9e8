/* SPDX-License-Identifier: Apache-2.0 */
/* An Xtensa LX7 of the call0 ABI, as our firmware for the ESP32-S3 needs it: integers, MAC16 and vectors. */
#ifndef CORE_H
#define CORE_H

#include <stdbool.h>
#include <stdint.h>

#define TE_PIE_MODEL
#include "kernels/pie/pie.h"

/* Special registers by number (Xtensa Instruction Set Architecture Reference Manual, "Special Registers"). */
enum { LBEG = 0, LEND = 1, LCOUNT = 2, SAR = 3, ACCLO = 16, ACCHI = 17, M0 = 32, CCOUNT = 234 };

struct core {
    uint32_t a[16], pc, next, special[256];
    uint64_t executed; /* instructions, which is also what CCOUNT counts */
    te_pie vectors;
};

/* An instruction and its fields, as that manual names them ("Instruction Formats", RRR). */
struct instruction {
    uint32_t word, t, s, r, op1, op2;
};

/* Executes the instruction at `pc`. */
void core_step(struct core *core);

/* The part of op0 0. */
void qrst_step(struct core *core, const struct instruction *is);

/* The parts of op0 4 and of op0 14 and 15; each gives whether it has the instruction. */
bool mac16_step(struct core *core, const struct instruction *is);
bool vectors_step(struct core *core, const struct instruction *is);

/* An instruction that this core has not. */
_Noreturn void core_lacks(const struct instruction *is);

/* The lower `bits` of a number, which have a sign. */
static inline int32_t signed_of(uint32_t value, uint32_t bits) {
    return (int32_t)(value << (32 - bits)) >> (32 - bits);
}

/* The chip: where `size` bytes of memory are, to be read or written, and words that may also be registers. */
uint8_t *chip_memory(uint32_t address, uint32_t size);
uint8_t *chip_writable(uint32_t address, uint32_t size);
uint32_t chip_load(uint32_t address);
void chip_store(uint32_t address, uint32_t word);
bool chip_is_rom(uint32_t address);

/* What plugins want to know: `pc` is about to be executed. */
void plugins_executed(uint32_t pc);
void plugins_load(const char *file_and_arguments);

/* Ends the program with a sentence, and the place. */
_Noreturn void chip_end(const char *what, uint32_t value);

#endif
