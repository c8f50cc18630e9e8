/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of all elements up to each one along a dimension. */
#ifndef TE_CUMSUM_H
#define TE_CUMSUM_H

#include "kernels/kernel.h"

typedef struct te_cumsum {
    int32_t outer, count, inner; /* elements before, along and after the dimension */
    int16_t exclusive;           /* 1: an element does not count itself */
    int16_t backwards;           /* 1: from the last element to the first */
} te_cumsum;

/* in and out [outer, count, inner], int32; sums wrap around. No overlap. */
typedef void te_cumsum_s32_fn(const te_cumsum *p, const int32_t *in, int32_t *out);

#endif
