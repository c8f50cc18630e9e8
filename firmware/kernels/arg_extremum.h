/* SPDX-License-Identifier: Apache-2.0 */
/* Where the largest or the smallest element lies along a dimension. */
#ifndef TE_ARG_EXTREMUM_H
#define TE_ARG_EXTREMUM_H

#include "kernels/kernel.h"

typedef struct te_arg_extremum {
    int32_t outer, count, inner; /* elements before, along and after the dimension */
    int16_t largest;             /* 1: the largest; 0: the smallest */
    int16_t words;               /* 32-bit words of a position in `out`, the lowest first */
} te_arg_extremum;

/* in [outer, count, inner] of the type that the kernel is called after (u8 also takes bool), out [outer,
   inner]: positions along `count`, of equal elements the first. No overlap. */
typedef void te_arg_extremum_fn(const te_arg_extremum *p, const void *in, void *out);

#endif
