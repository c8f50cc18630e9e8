/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of 16 bits, by a table of 513 points and straight lines between them. */
#ifndef TE_INTERPOLATION_H
#define TE_INTERPOLATION_H

#include "kernels/kernel.h"

typedef struct te_interpolation {
    int32_t size; /* elements */
} te_interpolation;

/* points[i] is the result for (i - 256) * 128. A step from one to the next has 16 bits, as in TFLite.

   Order: ascending, an element is read before it is written. `out` may be `in`, or lie below it. */
typedef void te_interpolation_s16_fn(const te_interpolation *p, const int16_t *in, const int16_t *points,
                                     int16_t *out);

#endif
