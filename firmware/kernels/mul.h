/* SPDX-License-Identifier: Apache-2.0 */
/* Product of two tensors. */
#ifndef TE_MUL_H
#define TE_MUL_H

#include "kernels/kernel.h"

typedef struct te_mul {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int32_t multiplier;
    int16_t shift;
    int16_t a_zero_point, b_zero_point, out_zero_point, out_min, out_max;
} te_mul;

/* Multiplier and shift for te_requantize.

   Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_mul_s8_fn(const te_mul *p, const int8_t *a, const int8_t *b, int8_t *out);
typedef void te_mul_s16_fn(const te_mul *p, const int16_t *a, const int16_t *b, int16_t *out);

#endif
