/* SPDX-License-Identifier: Apache-2.0 */
/* The largest or the smallest element along some dimensions. */
#ifndef TE_REDUCE_EXTREMUM_H
#define TE_REDUCE_EXTREMUM_H

#include "kernels/kernel.h"

typedef struct te_reduce_extremum {
    int32_t size[5]; /* of the input: kept, reduced, kept, reduced, kept */
    int16_t largest; /* 1: the largest; 0: the smallest */
} te_reduce_extremum;

/* in [size[0], size[1], size[2], size[3], size[4]], out [size[0], size[2], size[4]], both of the type that
   the kernel is called after; s8 also takes bool.

   Order: out ascending; the inputs of one index of size[0] are read before or while its outputs are written,
   and those of earlier ones are not read again. `out` may therefore start size[2] * size[4] elements below
   `in`. */
typedef void te_reduce_extremum_fn(const te_reduce_extremum *p, const void *in, void *out);

#endif
