/* SPDX-License-Identifier: Apache-2.0 */
/* Square roots of integers. */
#ifndef TE_ROOT_H
#define TE_ROOT_H

#include "kernels/kernel.h"

/* a * b / 2^32 of numbers below 2^32. */
static inline uint32_t te_root_high(uint32_t a, uint32_t b) {
    const int32_t high = te_product_high((int32_t)a, (int32_t)b);
    return (uint32_t)high + (a & (uint32_t)((int32_t)b >> 31)) + (b & (uint32_t)((int32_t)a >> 31));
}

/* The largest number whose square is at most *value; leaves the rest in *value. By Newton's method for the
   reciprocal of the root: one of two straight lines, within 3 % of it, then three times r (3 - x r^2) / 2. */
static inline uint32_t te_root(uint64_t *value) {
    uint64_t n = *value | 1;
    int32_t half = 0; /* 2^62 <= n = value * 4^half */
    for (int32_t step = 16; step > 0; step >>= 1) {
        if (n >> (64 - 2 * step) == 0) {
            n <<= 2 * step;
            half += step;
        }
    }
    const uint32_t x = (uint32_t)(n >> 32); /* of 2^32 */
    /* of 2^30: 2.515 - 2.25 x below 1/2, 1.749 - 0.75 x above */
    uint32_t r = x >> 31 ? UINT32_C(1877974000) - x / 8 - x / 16 : UINT32_C(2700460000) - x / 2 - x / 16;
    for (int32_t i = 0; i < 3; i++) {
        const uint32_t near_1 = te_root_high(te_root_high(r, r), x); /* of 2^28 */
        r = 2 * te_root_high(r, 4 * ((UINT32_C(3) << 28) - near_1));
    }
    const uint32_t most = (UINT32_C(1) << 30) - 1, near = te_root_high(x, r), s = near < most ? near : most;
    uint32_t root = half < 2 ? s << (2 - half) : s >> (half - 2);
    int64_t rest = (int64_t)(*value - (uint64_t)root * root);
    for (; rest < 0; root--)
        rest += 2 * (int64_t)root - 1;
    for (; rest > 2 * (int64_t)root; root++)
        rest -= 2 * (int64_t)root + 1;
    *value = (uint64_t)rest;
    return root;
}

#endif
