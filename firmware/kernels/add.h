/* SPDX-License-Identifier: Apache-2.0 */
/* Sum or difference of two tensors. */
#ifndef TE_ADD_H
#define TE_ADD_H

#include "kernels/kernel.h"

typedef struct te_add {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int32_t a_multiplier, b_multiplier, out_multiplier;
    int16_t a_shift, b_shift, out_shift;
    int16_t sign; /* 1: a + b; -1: a - b */
    int16_t a_zero_point, b_zero_point, out_zero_point, out_min, out_max;
} te_add;

/* Multipliers and shifts for te_requantize: an operand less its zero point, times 2^20 (s8) or 2^15 (s16), is
   brought to twice the larger of the operands' scales; the sum from there to the output's.

   Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_add_s8_fn(const te_add *p, const int8_t *a, const int8_t *b, int8_t *out);
typedef void te_add_s16_fn(const te_add *p, const int16_t *a, const int16_t *b, int16_t *out);

#endif
