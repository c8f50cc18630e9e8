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

static inline int32_t te_clamp(int32_t value, int32_t low, int32_t high) {
    return te_lx_clamp(value, low, high);
}
#else
static inline int64_t te_product(int32_t a, int32_t b) { return (int64_t)a * b; }

static inline int32_t te_product_high(int32_t a, int32_t b) { return (int32_t)(te_product(a, b) >> 32); }

static inline int32_t te_clamp(int32_t value, int32_t low, int32_t high) {
    value = value > low ? value : low;
    return value < high ? value : high;
}
#endif

#endif
