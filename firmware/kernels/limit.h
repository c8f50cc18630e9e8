/* SPDX-License-Identifier: Apache-2.0 */
/* Limiting: what a RELU is when its input and output have the same scale and zero point. */
#ifndef TE_LIMIT_H
#define TE_LIMIT_H

#include "kernels/kernel.h"

typedef struct te_limit {
    int32_t size; /* elements */
    int16_t min, max;
} te_limit;

/* out[i] = in[i], at least min and at most max.

   Order: ascending, an element is read before it is written: `out` may be `in`, or lie below it. */
typedef void te_limit_s8_fn(const te_limit *p, const int8_t *in, int8_t *out);
typedef void te_limit_s16_fn(const te_limit *p, const int16_t *in, int16_t *out);

#endif
