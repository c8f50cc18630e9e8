/* SPDX-License-Identifier: Apache-2.0 */
/* Words of two numbers of 16 bits, or of four bytes, and the instructions on them that compilers do not find,
   or not everywhere; with TE_DSP_MODEL they are C, for any machine. */
#ifndef TE_DSP_HALVES_H
#define TE_DSP_HALVES_H

#include "kernels/kernel.h"

#ifdef TE_DSP_MODEL
static inline uint32_t te_halves_pack(int32_t low, int32_t high) {
    return (uint16_t)low | (uint32_t)high << 16;
}

/* Bytes 0 and 2, added to the halves of `to`. */
static inline uint32_t te_halves_add_even(uint32_t to, uint32_t bytes) {
    return te_halves_pack((int16_t)to + (int8_t)bytes, (int16_t)(to >> 16) + (int8_t)(bytes >> 16));
}

static inline uint32_t te_halves_even(uint32_t bytes) { return te_halves_add_even(0, bytes); }

static inline uint32_t te_halves_add(uint32_t a, uint32_t b) {
    return te_halves_pack((int16_t)a + (int16_t)b, (int16_t)(a >> 16) + (int16_t)(b >> 16));
}

/* The products of halves with halves. */
static inline int32_t te_halves_add_products(int32_t to, uint32_t a, uint32_t b) {
    return to + (int16_t)a * (int16_t)b + (int16_t)(a >> 16) * (int16_t)(b >> 16);
}

static inline int64_t te_halves_add_products_s64(int64_t to, uint32_t a, uint32_t b) {
    return to + (int16_t)a * (int16_t)b + (int16_t)(a >> 16) * (int16_t)(b >> 16);
}

/* a * b / 2^32, ties up. */
static inline int32_t te_halves_product(int32_t a, int32_t b) {
    return (int32_t)((te_product(a, b) + (INT64_C(1) << 31)) >> 32);
}

static inline int32_t te_halves_add_product(int32_t to, int32_t a, int32_t b) {
    return (int32_t)((uint32_t)to + (uint32_t)te_halves_product(a, b));
}

/* x where a >= b, else y, of bytes or halves in each of their places. */
static inline uint32_t te_halves_choose_s8(uint32_t a, uint32_t b, uint32_t x, uint32_t y) {
    uint32_t chosen = 0;
    for (int32_t at = 0; at < 32; at += 8)
        chosen |= ((int8_t)(a >> at) >= (int8_t)(b >> at) ? x : y) & UINT32_C(255) << at;
    return chosen;
}

static inline uint32_t te_halves_choose_s16(uint32_t a, uint32_t b, uint32_t x, uint32_t y) {
    const uint32_t low = (int16_t)a >= (int16_t)b ? x : y;
    const uint32_t high = (int16_t)(a >> 16) >= (int16_t)(b >> 16) ? x : y;
    return (low & 0xFFFF) | (high & 0xFFFF0000);
}

/* Of unsigned bytes, in each of their places: the smaller, and differences, modulo 2^8. */
static inline uint32_t te_halves_least_u8(uint32_t a, uint32_t b) {
    uint32_t least = 0;
    for (int32_t at = 0; at < 32; at += 8)
        least |= (uint32_t)te_min((uint8_t)(a >> at), (uint8_t)(b >> at)) << at;
    return least;
}

static inline uint32_t te_halves_less_u8(uint32_t a, uint32_t b) {
    uint32_t less = 0;
    for (int32_t at = 0; at < 32; at += 8)
        less |= (uint32_t)(uint8_t)((a >> at) - (b >> at)) << at;
    return less;
}

static inline int32_t te_halves_saturate_s8(int32_t value) { return te_clamp(value, INT8_MIN, INT8_MAX); }

static inline int32_t te_halves_saturate_s16(int32_t value) { return te_clamp(value, INT16_MIN, INT16_MAX); }
#else
#include <arm_acle.h>

static inline uint32_t te_halves_pack(int32_t low, int32_t high) {
    return (uint16_t)low | (uint32_t)high << 16;
}

static inline uint32_t te_halves_add_even(uint32_t to, uint32_t bytes) {
    return (uint32_t)__sxtab16((int16x2_t)to, (int8x4_t)bytes);
}

static inline uint32_t te_halves_even(uint32_t bytes) { return (uint32_t)__sxtb16((int8x4_t)bytes); }

static inline uint32_t te_halves_add(uint32_t a, uint32_t b) {
    return (uint32_t)__sadd16((int16x2_t)a, (int16x2_t)b);
}

static inline int32_t te_halves_add_products(int32_t to, uint32_t a, uint32_t b) {
    return __smlad((int16x2_t)a, (int16x2_t)b, to);
}

static inline int64_t te_halves_add_products_s64(int64_t to, uint32_t a, uint32_t b) {
    return __smlald((int16x2_t)a, (int16x2_t)b, to);
}

static inline int32_t te_halves_product(int32_t a, int32_t b) {
    int32_t product;
    __asm__("smmulr %0, %1, %2" : "=r"(product) : "r"(a), "r"(b));
    return product;
}

static inline int32_t te_halves_add_product(int32_t to, int32_t a, int32_t b) {
    int32_t sum;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(to));
    return sum;
}

/* SEL takes places of the first whose difference is not negative. */
static inline uint32_t te_halves_choose_s8(uint32_t a, uint32_t b, uint32_t x, uint32_t y) {
    uint32_t chosen;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %3, %4" : "=&r"(chosen) : "r"(a), "r"(b), "r"(x), "r"(y) : "cc");
    return chosen;
}

static inline uint32_t te_halves_choose_s16(uint32_t a, uint32_t b, uint32_t x, uint32_t y) {
    uint32_t chosen;
    __asm__("ssub16 %0, %1, %2\n\tsel %0, %3, %4" : "=&r"(chosen) : "r"(a), "r"(b), "r"(x), "r"(y) : "cc");
    return chosen;
}

static inline uint32_t te_halves_least_u8(uint32_t a, uint32_t b) {
    uint32_t least;
    __asm__("usub8 %0, %1, %2\n\tsel %0, %2, %1" : "=&r"(least) : "r"(a), "r"(b) : "cc");
    return least;
}

static inline uint32_t te_halves_less_u8(uint32_t a, uint32_t b) {
    uint32_t less;
    __asm__("usub8 %0, %1, %2" : "=r"(less) : "r"(a), "r"(b) : "cc");
    return less;
}

static inline int32_t te_halves_saturate_s8(int32_t value) { return (int32_t)__builtin_arm_ssat(value, 8); }

static inline int32_t te_halves_saturate_s16(int32_t value) { return (int32_t)__builtin_arm_ssat(value, 16); }
#endif

/* The larger of two bytes or halves, in each of their places. */
static inline uint32_t te_halves_most_s8(uint32_t a, uint32_t b) { return te_halves_choose_s8(a, b, a, b); }

static inline uint32_t te_halves_most_s16(uint32_t a, uint32_t b) { return te_halves_choose_s16(a, b, a, b); }

/* Bytes 1 and 3. */
static inline uint32_t te_halves_turned(uint32_t bytes) { return bytes >> 8 | bytes << 24; }

static inline uint32_t te_halves_odd(uint32_t bytes) { return te_halves_even(te_halves_turned(bytes)); }

/* `value` within limits, of which most layers have none but those of the type. */
static inline int8_t te_halves_limit_s8(int32_t value, int32_t low, int32_t high) {
    value = te_halves_saturate_s8(value);
    value = low > INT8_MIN ? te_max(value, low) : value;
    return (int8_t)(high < INT8_MAX ? te_min(value, high) : value);
}

static inline int16_t te_halves_limit_s16(int32_t value, int32_t low, int32_t high) {
    value = te_halves_saturate_s16(value);
    value = low > INT16_MIN ? te_max(value, low) : value;
    return (int16_t)(high < INT16_MAX ? te_min(value, high) : value);
}

static inline int32_t te_halves_low(uint32_t word) { return (int16_t)word; }

static inline int32_t te_halves_high(uint32_t word) { return (int32_t)word >> 16; }

/* Four numbers, in halves of two words. */
typedef struct te_halves_four {
    uint32_t even, odd;
} te_halves_four;

/* Bytes less their zero point. */
static inline te_halves_four te_halves_less_zero(uint32_t bytes, int32_t zero_point) {
    const uint32_t less = te_halves_pack(-zero_point, -zero_point);
    const te_halves_four four = {te_halves_add_even(less, bytes),
                                 te_halves_add_even(less, te_halves_turned(bytes))};
    return four;
}

static inline int32_t te_halves_at(te_halves_four four, int32_t i) {
    const uint32_t word = i % 2 == 0 ? four.even : four.odd;
    return i < 2 ? te_halves_low(word) : te_halves_high(word);
}

/* A byte, or a half, in all of its places. */
static inline uint32_t te_halves_same_s8(int32_t value) { return (uint8_t)value * UINT32_C(0x01010101); }

static inline uint32_t te_halves_same_s16(int32_t value) { return te_halves_pack(value, value); }

/* A word at any address, as the core allows. */
static inline uint32_t te_halves_word(const void *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* The lower halves of two words, or the upper ones, as PKHBT and PKHTB put them together. */
static inline uint32_t te_halves_lower(uint32_t first, uint32_t second) {
    return (first & 0xFFFF) | second << 16;
}

static inline uint32_t te_halves_upper(uint32_t first, uint32_t second) {
    return first >> 16 | (second & 0xFFFF0000);
}

/* As te_beside_s8. */
static inline const int16_t *te_halves_beside(const int16_t *from, int32_t offset) {
    return (const int16_t *)((uintptr_t)from + (uintptr_t)(intptr_t)(offset * 2));
}

/* te_requantize(doubled / 2, multiplier, -right), times 2^right and before it is rounded down, and `more`. Where
   `right` is not 0, what is below zero is one less: that takes ties away from it. */
static inline __attribute__((always_inline)) int32_t te_halves_scale(int32_t doubled, int32_t multiplier,
                                                                     int32_t right, int32_t more) {
    const int32_t high = te_halves_add_product(((INT32_C(1) << right) >> 1) + more, doubled, multiplier);
    return right > 0 ? high + (doubled >> 31) : high;
}

/* te_requantize of what can still be doubled when it is shifted to the left, and `zero`; tinyedge/plan/layout/
   dsp_scale.py knows what fits. */
static inline __attribute__((always_inline)) int32_t te_halves_requantize(int32_t value, int32_t multiplier,
                                                                          int32_t shift, int32_t zero) {
    const int32_t left = te_max(shift, 0), right = left - shift;
    return te_halves_scale(value * (2 << left), multiplier, right, zero * (INT32_C(1) << right)) >> right;
}

#endif
