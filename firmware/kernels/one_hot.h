/* SPDX-License-Identifier: Apache-2.0 */
/* One value at the place that an index names, another everywhere else. */
#ifndef TE_ONE_HOT_H
#define TE_ONE_HOT_H

#include "kernels/kernel.h"

typedef struct te_one_hot {
    int32_t outer, depth, inner; /* elements of the output before, along and after the new dimension */
    int32_t width;               /* bytes of an element: 1, 4 or 8 */
    int32_t words; /* 32-bit words of an index, the lowest first: 2 for int64, of which that one counts */
} te_one_hot;

/* index [outer, inner], on and off one element each, out [outer, depth, inner]. An index outside is nowhere.
   No overlap. */
typedef void te_one_hot_fn(const te_one_hot *p, const void *index, const void *on, const void *off,
                           void *out);

#endif
