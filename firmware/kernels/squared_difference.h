/* SPDX-License-Identifier: Apache-2.0 */
/* The square of the difference of two tensors. */
#ifndef TE_SQUARED_DIFFERENCE_H
#define TE_SQUARED_DIFFERENCE_H

#include "kernels/kernel.h"

typedef struct te_squared_difference {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int32_t a_multiplier, b_multiplier, out_multiplier;
    int16_t a_shift, b_shift, out_shift;
    int16_t a_zero_point, b_zero_point, out_zero_point, out_min, out_max;
} te_squared_difference;

/* a, b and out are int8. Multipliers and shifts for te_requantize: an operand less its zero point, times 2^7,
   is brought to twice the larger of the operands' scales; the square from there to the output's.

   Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_squared_difference_fn(const te_squared_difference *p, const void *a, const void *b,
                                      void *out);

static inline int8_t te_squared_difference_element(const te_squared_difference *p, int32_t u, int32_t v) {
    const int32_t up = INT32_C(1) << 7;
    const int32_t x = te_requantize((u - p->a_zero_point) * up, p->a_multiplier, p->a_shift);
    const int32_t y = te_requantize((v - p->b_zero_point) * up, p->b_multiplier, p->b_shift);
    const int32_t scaled =
        te_requantize((x - y) * (x - y), p->out_multiplier, p->out_shift) + p->out_zero_point;
    return (int8_t)te_clamp(scaled, p->out_min, p->out_max);
}

#endif
