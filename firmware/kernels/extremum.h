/* SPDX-License-Identifier: Apache-2.0 */
/* The larger or the smaller of two tensors, element by element. */
#ifndef TE_EXTREMUM_H
#define TE_EXTREMUM_H

#include "kernels/kernel.h"

typedef struct te_extremum {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int16_t largest; /* 1: the larger; 0: the smaller */
} te_extremum;

/* Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_extremum_s8_fn(const te_extremum *p, const int8_t *a, const int8_t *b, int8_t *out);
typedef void te_extremum_s16_fn(const te_extremum *p, const int16_t *a, const int16_t *b, int16_t *out);
typedef void te_extremum_s32_fn(const te_extremum *p, const int32_t *a, const int32_t *b, int32_t *out);

#endif
