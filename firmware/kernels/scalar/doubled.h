/* SPDX-License-Identifier: Apache-2.0 */
/* Requantisation of what is too large for te_requantize_high, for cores whose multiplication gives the upper half of a
   product of a number with a sign and one without: twice a multiplier is such a one. */
#ifndef TE_SCALAR_DOUBLED_H
#define TE_SCALAR_DOUBLED_H

#include "kernels/kernel.h"
#include "kernels/unrolled.h"

/* In a register: compilers do not see the instruction for a constant. */
static inline __attribute__((always_inline)) uint32_t te_doubled(int32_t multiplier) {
    uint32_t twice = (uint32_t)multiplier * 2;
    TE_NOW(twice);
    return twice;
}

static inline __attribute__((always_inline)) int32_t te_product_doubled(int32_t value, uint32_t twice) {
    return (int32_t)((int64_t)value * (int64_t)twice >> 32);
}

/* te_requantize(value / 2, multiplier, -right) for 0 <= right <= 22, rounded as te_requantize_high does it. */
static inline __attribute__((always_inline)) int32_t te_requantize_doubled(int32_t value, uint32_t twice,
                                                                           int32_t right) {
    int32_t v = te_product_doubled(value, twice);
    if (right == 0)
        return (v + 1) >> 1;
    v += (v >> 31) * 2;
    return (v + 1 + (INT32_C(1) << right)) >> (right + 1);
}

/* te_requantize(value, multiplier, -right) for right >= 1, where the result before it is divided and half of 2^right are
   within 32 bits together. */
static inline __attribute__((always_inline)) int32_t te_requantize_right(int32_t value, uint32_t twice,
                                                                         int32_t right) {
    const int32_t v = te_product_doubled(value, twice) + (int32_t)((uint32_t)value * twice >> 31);
    return (v + (v >> 31) + ((INT32_C(1) << right) >> 1)) >> right;
}

#endif
