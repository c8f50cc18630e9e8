/* SPDX-License-Identifier: Apache-2.0 */
/* Leaky rectification with slopes of their own. */
#ifndef TE_PRELU_H
#define TE_PRELU_H

#include "kernels/kernel.h"

typedef struct te_prelu {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int32_t positive_multiplier, negative_multiplier;
    int16_t positive_shift, negative_shift;
    int16_t a_zero_point, b_zero_point, out_zero_point, out_min, out_max;
} te_prelu;

/* a and out are int8 or both int16, the slopes b int8. With u and v less their zero points: u for u >= 0, else u * v, brought to
   the output's scale by te_requantize.

   Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_prelu_fn(const te_prelu *p, const void *a, const void *b, void *out);

static inline int32_t te_prelu_element(const te_prelu *p, int32_t u, int32_t v) {
    const int32_t x = u - p->a_zero_point;
    const int32_t scaled =
        x >= 0 ? te_requantize(x, p->positive_multiplier, p->positive_shift)
               : te_requantize(x * (v - p->b_zero_point), p->negative_multiplier, p->negative_shift);
    return te_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
}

#endif
