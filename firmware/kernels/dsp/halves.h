/* SPDX-License-Identifier: Apache-2.0 */
/* Words of two numbers of 16 bits, or of four bytes. In plain C, of which compilers make SMLABB, SMMLA, SSAT
   and the like, but for SXTB16, which they do not find; with TE_DSP_MODEL it is C, too, for any machine. */
#ifndef TE_DSP_HALVES_H
#define TE_DSP_HALVES_H

#include "kernels/kernel.h"

#ifndef TE_DSP_MODEL
#include <arm_acle.h>
#endif

/* A word at any address, as the core allows. */
static inline uint32_t te_halves_word(const void *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

static inline int32_t te_halves_low(uint32_t word) { return (int16_t)word; }

static inline int32_t te_halves_high(uint32_t word) { return (int32_t)word >> 16; }

static inline uint32_t te_halves_pack(int32_t low, int32_t high) {
    return (uint16_t)low | (uint32_t)high << 16;
}

/* As te_beside_s8. */
static inline const int16_t *te_halves_beside(const int16_t *from, int32_t offset) {
    return (const int16_t *)((uintptr_t)from + (uintptr_t)(intptr_t)(offset * 2));
}

/* a * b / 2^32, ties up: SMMULR. */
static inline int32_t te_halves_product(int32_t a, int32_t b) {
    return (int32_t)((te_product(a, b) + (INT64_C(1) << 31)) >> 32);
}

/* Bytes 0 and 2 of a word. */
static inline uint32_t te_halves_even(uint32_t bytes) {
#ifdef TE_DSP_MODEL
    return te_halves_pack((int8_t)bytes, (int8_t)(bytes >> 16));
#else
    return (uint32_t)__sxtb16((int8x4_t)bytes);
#endif
}

/* Bytes 1 and 3. */
static inline uint32_t te_halves_odd(uint32_t bytes) { return te_halves_even(bytes >> 8 | bytes << 24); }

#endif
