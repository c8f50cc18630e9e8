/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers without their sign. */
#ifndef TE_ABS_H
#define TE_ABS_H

#include "kernels/kernel.h"

typedef struct te_abs {
    int32_t size;              /* elements */
    int32_t multiplier, shift; /* to the output's scale, for te_requantize; multiplier 0: it is the input's */
} te_abs;

/* Zero points are 0. Order: ascending, an element is read before it is written. `out` may be `in`, or lie
   below it. */
typedef void te_abs_s16_fn(const te_abs *p, const int16_t *in, int16_t *out);

#endif
