/* SPDX-License-Identifier: Apache-2.0 */
/* Averages for fast kernels whose compiler is GCC or clang. */
#ifndef TE_AVERAGE_H
#define TE_AVERAGE_H

#include <stdint.h>

/* sum / taps, ties away from zero. Where taps are a power of two, it is a shift: what is below zero begins with one
   less. */
static inline int32_t te_average(int32_t sum, int32_t taps) {
    const int32_t half = taps / 2;
    if (taps > 1 && (taps & (taps - 1)) == 0)
        return (sum + (sum >> 31) + half) >> __builtin_ctz((uint32_t)taps);
    return (sum + (sum < 0 ? -half : half)) / taps;
}

#endif
