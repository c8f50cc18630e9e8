/* SPDX-License-Identifier: Apache-2.0 */
/* Rows divided by their Euclidean length. */
#ifndef TE_L2_NORMALIZATION_H
#define TE_L2_NORMALIZATION_H

#include "kernels/newton.h"

typedef struct te_l2_normalization {
    int32_t rows, depth;
    int32_t in_zero_point;
} te_l2_normalization;

/* in and out [rows, depth], int8, out in steps of 1/128.

   Order: rows ascending; a row is read once before, and then element by element as it is written. `out` may
   be `in`. */
typedef void te_l2_normalization_s8_fn(const te_l2_normalization *p, const int8_t *in, int8_t *out);

#endif
