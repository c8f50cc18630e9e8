/* SPDX-License-Identifier: Apache-2.0 */
/* Which of two elements is larger, as bool. */
#ifndef TE_COMPARE_H
#define TE_COMPARE_H

#include "kernels/kernel.h"

typedef struct te_compare {
    /* How often each loop runs, outermost first, and the elements by which it moves on in each operand: 0
       repeats it, and innermost steps are 0 or 1. */
    int32_t size[4], a_step[4], b_step[4];
    int32_t a_multiplier, b_multiplier;
    int16_t a_shift, b_shift;
    int16_t a_zero_point, b_zero_point;
    int16_t less, equal, greater; /* the result where a < b, a = b, a > b */
} te_compare;

/* a and b are of the type that the kernel is called after, out is bool. s8, u8 and s16 compare real numbers:
   an operand less its zero point, times 2^8, goes through te_requantize with its multiplier and shift. The
   raw ones compare the elements as they are; raw_s8 also takes bool.

   Order: ascending; an element of each operand is read before that of the output is written. */
typedef void te_compare_fn(const te_compare *p, const void *a, const void *b, void *out);

static inline uint8_t te_compare_raw(const te_compare *p, int32_t u, int32_t v) {
    return (uint8_t)(u < v ? p->less : u > v ? p->greater : p->equal);
}

static inline uint8_t te_compare_scaled(const te_compare *p, int32_t u, int32_t v) {
    const int32_t up = INT32_C(1) << 8;
    return te_compare_raw(p, te_requantize((u - p->a_zero_point) * up, p->a_multiplier, p->a_shift),
                          te_requantize((v - p->b_zero_point) * up, p->b_multiplier, p->b_shift));
}

#endif
