/* SPDX-License-Identifier: Apache-2.0 */
/* Which taps of a window's row fall inside the input. */
#ifndef TE_PIE_SPAN_H
#define TE_PIE_SPAN_H

#include "kernels/pie/pie.h"

/* Taps first to last - 1; first = last where there are none. */
typedef struct te_pie_span {
    int32_t first, last;
} te_pie_span;

/* Of `count` taps, `step` apart from `start` on, those in 0 to size - 1. */
TE_PIE_INLINE te_pie_span te_pie_inside(int32_t start, int32_t count, int32_t step, int32_t size) {
    const int32_t before = start < 0 ? (step - 1 - start) / step : 0;
    const int32_t end = start < size ? (size - start + step - 1) / step : 0;
    const int32_t last = te_min(count, end);
    const te_pie_span span = {te_min(before, last), last};
    return span;
}

#endif
