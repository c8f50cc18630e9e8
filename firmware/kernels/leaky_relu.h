/* SPDX-License-Identifier: Apache-2.0 */
/* LEAKY_RELU on 16 bits (8 bits take a table). */
#ifndef TE_LEAKY_RELU_H
#define TE_LEAKY_RELU_H

#include "kernels/kernel.h"

typedef struct te_leaky_relu {
    int32_t size;              /* elements */
    int32_t multiplier, shift; /* of te_requantize, for values from 0 on */
    int32_t negative_multiplier, negative_shift;
} te_leaky_relu;

/* Zero points are 0. Order: ascending, an element is read before it is written: `out` may be `in`, or lie
 * below it. */
typedef void te_leaky_relu_s16_fn(const te_leaky_relu *p, const int16_t *in, int16_t *out);

#endif
