/* SPDX-License-Identifier: Apache-2.0 */
/* Integers and truth values as those of another type. */
#ifndef TE_CAST_H
#define TE_CAST_H

#include "kernels/kernel.h"

typedef struct te_cast {
    int32_t size;                /* elements */
    int16_t in_width, out_width; /* bytes of one: 1, 2, 4 or 8, the lowest first */
    int16_t in_signed;           /* 1: what is added when an element widens is its sign */
    int16_t truth;               /* 1: the result is whether an element is not 0 */
} te_cast;

/* Bits that the output has no room for are lost, as C loses them.

   Order: ascending, an element is read before it is written. `out` may be `in`, or lie below it by as many
   bytes as all elements but one grow. */
typedef void te_cast_fn(const te_cast *p, const void *in, void *out);

#endif
