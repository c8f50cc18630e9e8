/* SPDX-License-Identifier: Apache-2.0 */
/* Elements at regular distances, gathered: STRIDED_SLICE and TRANSPOSE. */
#ifndef TE_STRIDED_COPY_H
#define TE_STRIDED_COPY_H

#include "kernels/kernel.h"

enum { TE_STRIDED_COPY_DIMENSIONS = 5 };

typedef struct te_strided_copy {
    int32_t start; /* elements of the input before the first that is copied */
    /* Of every output dimension: its size, and the distance of its neighbours in the input. */
    int32_t count[TE_STRIDED_COPY_DIMENSIONS], step[TE_STRIDED_COPY_DIMENSIONS];
} te_strided_copy;

/* Order: output elements ascending; the last dimension, where its step is 1, as one block, which may overlap
   its source. Where inputs are read in ascending order, `out` may therefore be `in`, or lie below it. */
typedef void te_strided_copy_s8_fn(const te_strided_copy *p, const int8_t *in, int8_t *out);
typedef void te_strided_copy_s16_fn(const te_strided_copy *p, const int16_t *in, int16_t *out);

/* Steps to the next row of the last dimension and moves `offset` to its first input; 0 after the last. */
static inline int te_strided_copy_next(const te_strided_copy *p, int32_t *at, int32_t *offset) {
    for (int32_t d = TE_STRIDED_COPY_DIMENSIONS - 2; d >= 0; d--) {
        *offset += p->step[d];
        if (++at[d] < p->count[d])
            return 1;
        *offset -= p->step[d] * p->count[d];
        at[d] = 0;
    }
    return 0;
}

#endif
