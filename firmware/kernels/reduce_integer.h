/* SPDX-License-Identifier: Apache-2.0 */
/* Sum or product, along some dimensions, of integers that stand for themselves. */
#ifndef TE_REDUCE_INTEGER_H
#define TE_REDUCE_INTEGER_H

#include "kernels/kernel.h"

typedef struct te_reduce_integer {
    int32_t size[5]; /* of the input: kept, reduced, kept, reduced, kept */
    int16_t product; /* 1: the product; 0: the sum */
} te_reduce_integer;

/* in [size[0], size[1], size[2], size[3], size[4]], out [size[0], size[2], size[4]], int32. What does not fit
   32 bits wraps around.

   Order: out ascending; the inputs of one index of size[0] are read before or while its outputs are written,
   and those of earlier ones are not read again. `out` may therefore start size[2] * size[4] elements below
   `in`. */
typedef void te_reduce_integer_fn(const te_reduce_integer *p, const int32_t *in, int32_t *out);

#endif
