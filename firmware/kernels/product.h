/* SPDX-License-Identifier: Apache-2.0 */
/* The product of two 32-bit numbers in 64 bits, which requantisation lives on, and a value within limits. */
#ifndef TE_PRODUCT_H
#define TE_PRODUCT_H

#include <stdint.h>

#ifdef TE_LX_BYTES
#include "kernels/lx.h"

static inline int32_t te_product_high(int32_t a, int32_t b) { return te_lx_multiply_high(a, b); }

static inline int64_t te_product(int32_t a, int32_t b) {
    const uint32_t low = (uint32_t)a * (uint32_t)b;
    return (int64_t)((uint64_t)(uint32_t)te_product_high(a, b) << 32 | low);
}

/* a * b / 2^31, ties up: of the lower half the two highest bits, for there is no carry to add it with. */
static inline int32_t te_product_rounded(int32_t a, int32_t b) {
    const uint32_t low = (uint32_t)a * (uint32_t)b;
    return te_product_high(a, b) * 2 + (int32_t)(((low >> 30) + 1) >> 1);
}

static inline int32_t te_clamp(int32_t value, int32_t low, int32_t high) {
    return te_lx_clamp(value, low, high);
}
#else
#ifdef TE_NARROW_PRODUCT /* a core whose multiplication gives 32 bits: four products of halves, all within   \
                            that */
static inline int32_t te_product_high(int32_t a, int32_t b) {
    const int32_t a_high = a >> 16, b_high = b >> 16;
    const uint32_t a_low = (uint16_t)a, b_low = (uint16_t)b;
    const int32_t one = a_high * (int32_t)b_low + (int32_t)(a_low * b_low >> 16);
    const int32_t other = b_high * (int32_t)a_low + (uint16_t)one;
    return a_high * b_high + (one >> 16) + (other >> 16);
}

static inline int64_t te_product(int32_t a, int32_t b) {
    return (int64_t)((uint64_t)(uint32_t)te_product_high(a, b) << 32 | (uint32_t)a * (uint32_t)b);
}
#else
static inline int64_t te_product(int32_t a, int32_t b) { return (int64_t)a * b; }

static inline int32_t te_product_high(int32_t a, int32_t b) { return (int32_t)(te_product(a, b) >> 32); }
#endif

/* a * b / 2^31, ties up. */
static inline int32_t te_product_rounded(int32_t a, int32_t b) {
    return (int32_t)((te_product(a, b) + (INT64_C(1) << 30)) >> 31);
}

static inline int32_t te_clamp(int32_t value, int32_t low, int32_t high) {
    value = value > low ? value : low;
    return value < high ? value : high;
}
#endif

#endif
