/* SPDX-License-Identifier: Apache-2.0 */
/* LOGISTIC and TANH on 16 bits (8 bits take a table), both from one table of the logistic function. */
#ifndef TE_SIGMOID_H
#define TE_SIGMOID_H

#include "kernels/kernel.h"

typedef struct te_sigmoid {
    int32_t size; /* elements */
    int32_t multiplier;
    int16_t shift; /* in[i] * multiplier / 2^shift is the argument in units of 1 / (3 * 4096); below 2^31 */
} te_sigmoid;

/* table[i] = logistic(i / 24) in Q0.16 for i < 256, between which results are interpolated; they are Q0.15.

   Order: ascending, an element is read before it is written: `out` may be `in`, or lie below it. */
typedef void te_logistic_s16_fn(const te_sigmoid *p, const int16_t *in, const uint16_t *table, int16_t *out);
typedef void te_tanh_s16_fn(const te_sigmoid *p, const int16_t *in, const uint16_t *table, int16_t *out);

static inline int32_t te_sigmoid_argument(const te_sigmoid *p, int32_t value) {
    const int32_t half = (int32_t)((UINT32_C(1) << p->shift) >> 1);
    return (value * p->multiplier + half) >> p->shift;
}

/* logistic(x) for x >= 0, x = argument / (24 * 2^bits), times 2^(16 + bits); bits is 8 or 9. */
static inline uint32_t te_sigmoid_lookup(const uint16_t *table, uint32_t argument, int32_t bits) {
    const uint32_t step = argument >> bits;
    const uint32_t between = argument & ((UINT32_C(1) << bits) - 1);
    const uint32_t low = table[step];
    return (low << bits) + between * (table[step + 1] - low);
}

#endif
