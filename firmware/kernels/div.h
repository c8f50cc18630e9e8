/* SPDX-License-Identifier: Apache-2.0 */
/* Quotient of two tensors. */
#ifndef TE_DIV_H
#define TE_DIV_H

#include "kernels/newton.h"

typedef struct te_div {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int32_t multiplier;
    int16_t shift;
    int16_t a_zero_point, b_zero_point, out_zero_point, out_min, out_max;
} te_div;

/* a, b and out are of the type that the kernel is called after. Multiplier and shift are of the ratio of
   scales, a / (b * out); the shift is at least that of the largest divisor, 7 for one of 128 to 255, and at
   most the headroom of the largest dividend, 23 for one of 8 bits. LiteRT stops at a division by zero: here
   the divisor is 1 then.

   Order: ascending; an element of each operand is read before that of the output is written. `out` may
   therefore be an operand of its size. */
typedef void te_div_fn(const te_div *p, const void *a, const void *b, void *out);

static inline int32_t te_div_element(const te_div *p, int32_t u, int32_t v) {
    int32_t dividend = u - p->a_zero_point;
    int32_t divisor = v - p->b_zero_point;
    if (divisor < 0) {
        dividend = -dividend;
        divisor = -divisor;
    }
    divisor = te_max(divisor, 1);
    /* divisor = (1 + a) * 2^whole. */
    const int32_t zeros = te_leading_zeros(divisor);
    const int32_t a = (int32_t)(((uint32_t)divisor << zeros) & INT32_MAX);
    const int32_t whole = 31 - zeros;
    /* As far as the dividend goes to the left without losing its sign: one more for -2^n. */
    int32_t room = dividend == 0 ? 31 : te_leading_zeros(te_max(dividend, -dividend)) - 1;
    if (dividend < 0 && (dividend & -dividend) == -dividend)
        room++;
    const int32_t shifted = (int32_t)((uint32_t)dividend << room);
    const int32_t quotient = te_multiply_high(shifted, te_one_over_one_plus(a));
    const int32_t scaled =
        te_divide_by_power(te_multiply_high(quotient, p->multiplier), room + whole - p->shift);
    return te_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
}

#endif
