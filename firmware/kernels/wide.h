/* SPDX-License-Identifier: Apache-2.0 */
/* Sums and requantisation for int16 activations. */
#ifndef TE_WIDE_H
#define TE_WIDE_H

#include "kernels/kernel.h"

enum { TE_WIDE_PART = 256 }; /* products, each at most 2^22, that are sure to fit 32 bits */

/* Sum of products, in parts of 32 bits, in which cores are much faster. */
static inline int64_t te_dot_s16(const int16_t *a, const int8_t *b, int32_t count) {
    int64_t total = 0;
    while (count > 0) {
        const int32_t part = te_min(count, TE_WIDE_PART);
        int32_t sum = 0;
        for (int32_t i = 0; i < part; i++)
            sum += a[i] * b[i];
        total += sum;
        a += part;
        b += part;
        count -= part;
    }
    return total;
}

/* value * multiplier / 2^shift, ties up, for a multiplier of 16 bits, |value| < 2^47 and 1 <= shift <= 62:
   TFLite's requantisation of 64-bit sums. */
static inline int32_t te_requantize_reduced(int64_t value, int32_t multiplier, int32_t shift) {
    return (int32_t)((value * multiplier + (INT64_C(1) << (shift - 1))) >> shift);
}

/* value * (multiplier + low / 2^32) / 2^shift for 1 <= shift <= 62; ties go away from zero, or up if
   !ties_away. The product must stay below 2^61. */
static inline int32_t te_requantize_wide(int64_t value, int32_t multiplier, uint32_t low, int32_t shift,
                                         int ties_away) {
    const int64_t top = value >> 32;
    const uint64_t bottom = (uint32_t)value;
    const int64_t product = value * multiplier + top * (int64_t)low + (int64_t)((bottom * low) >> 32);
    return (int32_t)((product + (INT64_C(1) << (shift - 1)) - (ties_away && value < 0)) >> shift);
}

#endif
