/* SPDX-License-Identifier: Apache-2.0 */
/* Which taps of a window lie inside the input. */
#ifndef TE_TAPS_H
#define TE_TAPS_H

#include "kernels/kernel.h"

/* Taps first to last - 1. */
typedef struct te_taps {
    int32_t first, last;
} te_taps;

/* The taps at start, start + step, ... that lie in [0, size), of `count` taps. */
static inline te_taps te_taps_inside(int32_t start, int32_t step, int32_t count, int32_t size) {
    te_taps taps;
    taps.first = start < 0 ? te_min((step - 1 - start) / step, count) : 0;
    taps.last = size > start ? te_clamp((size - start + step - 1) / step, taps.first, count) : taps.first;
    return taps;
}

#endif
