/* SPDX-License-Identifier: Apache-2.0 */
/* Elements at regular distances, gathered: slices, transpositions, repetitions and reversals. */
#ifndef TE_STRIDED_COPY_H
#define TE_STRIDED_COPY_H

#include "kernels/kernel.h"

enum { TE_STRIDED_COPY_DIMENSIONS = 8 };

typedef struct te_strided_copy {
    int32_t start; /* elements of the input before the first that is copied */
    /* Of every output dimension: its size, and the distance of its neighbours in the input. */
    int32_t count[TE_STRIDED_COPY_DIMENSIONS], step[TE_STRIDED_COPY_DIMENSIONS];
} te_strided_copy;

/* s8 copies elements of one byte, s16 of two, s32 of four, whatever they mean.

   Order: output elements ascending; the last dimension, where its step is 1, as one block, which may overlap
   its source. */
typedef void te_strided_copy_fn(const te_strided_copy *p, const void *in, void *out);

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
