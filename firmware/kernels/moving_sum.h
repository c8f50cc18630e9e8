/* SPDX-License-Identifier: Apache-2.0 */
/* The sum of what the last runs brought, element by element. */
#ifndef TE_MOVING_SUM_H
#define TE_MOVING_SUM_H

#include "kernels/kernel.h"

typedef struct te_moving_sum {
    int32_t kept, count; /* earlier runs that are kept, at least 1; elements of a run */
} te_moving_sum;

/* out [count] = in + all of kept [kept, count], of which the oldest row then gives way to `in`. The sums fit.

   Order: element by element; `in` is read before `out` is written there: `out` may be `in`. */
typedef void te_moving_sum_s32_fn(const te_moving_sum *p, const int32_t *in, int32_t *kept, int32_t *out);

#endif
