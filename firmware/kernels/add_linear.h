/* SPDX-License-Identifier: Apache-2.0 */
/* Sum or difference of two int8 tensors, in the few instructions that nearly always do. */
#ifndef TE_ADD_LINEAR_H
#define TE_ADD_LINEAR_H

#include "kernels/kernel.h"

typedef struct te_add_linear {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int32_t a_factor, b_factor, offset;
    int16_t shift, out_min, out_max;
} te_add_linear;

/* out = clamp((a * a_factor + b * b_factor + offset) >> shift), which tinyedge/arithmetic/linear.py has
   compared with what te_add_s8 gives for every a and b. No step of it overflows.

   Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_add_linear_s8_fn(const te_add_linear *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif
