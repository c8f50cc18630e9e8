/* SPDX-License-Identifier: Apache-2.0 */
/* A decision about one score, with hysteresis. */
#ifndef TE_THRESHOLD_H
#define TE_THRESHOLD_H

#include "kernels/kernel.h"

typedef struct te_threshold {
    int32_t on, off; /* off <= on */
    int32_t warm_up; /* runs that decide nothing */
} te_threshold;

/* out[0] becomes 1 where in[0] > on, 0 where in[0] <= off, else what it was. now [2]: the decision before,
   and how many of the `warm_up` runs have been. */
typedef void te_threshold_s32_fn(const te_threshold *p, const int32_t *in, int32_t *now, int32_t *out);

#endif
