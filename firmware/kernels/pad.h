/* SPDX-License-Identifier: Apache-2.0 */
/* A border of one value around a tensor. */
#ifndef TE_PAD_H
#define TE_PAD_H

#include "kernels/kernel.h"

enum { TE_PAD_DIMENSIONS = 5 };

typedef struct te_pad {
    /* Of every dimension: elements of the input, and of the border before and after them. */
    int32_t size[TE_PAD_DIMENSIONS], before[TE_PAD_DIMENSIONS], after[TE_PAD_DIMENSIONS];
    int32_t value; /* of the border */
} te_pad;

/* Order: output elements ascending, the last dimension as one block (which may overlap its source). `out` may
   start below `in` by as many bytes of border as come before the last element of the input. */
typedef void te_pad_s8_fn(const te_pad *p, const int8_t *in, int8_t *out);
typedef void te_pad_s16_fn(const te_pad *p, const int16_t *in, int16_t *out);

/* Whether the output row at these coordinates (without the last dimension) holds a row of the input. */
static inline int te_pad_row_inside(const te_pad *p, const int32_t *at) {
    int inside = 1;
    for (int32_t d = 0; d < TE_PAD_DIMENSIONS - 1; d++)
        inside &= at[d] >= p->before[d] && at[d] < p->before[d] + p->size[d];
    return inside;
}

/* Steps to the next output row; 0 after the last. */
static inline int te_pad_next_row(const te_pad *p, int32_t *at) {
    for (int32_t d = TE_PAD_DIMENSIONS - 2; d >= 0; d--) {
        if (++at[d] < p->before[d] + p->size[d] + p->after[d])
            return 1;
        at[d] = 0;
    }
    return 0;
}

#endif
