/* SPDX-License-Identifier: Apache-2.0 */
/* A matrix times every row, as the cosine transform of a filter bank's levels is. */
#ifndef TE_MFCC_H
#define TE_MFCC_H

#include "kernels/kernel.h"

typedef struct te_mfcc {
    int32_t rows, filters, coefficients;
    int32_t shift; /* fraction bits of the matrix, 1 to 30 */
} te_mfcc;

/* in [rows, filters], out [rows, coefficients]: matrix [coefficients, filters] times each row, / 2^shift, to
   the nearest, ties up, within the limits of int16. Sums have 64 bits.

   Order: row by row. `out` must not overlap `in`. */
typedef void te_mfcc_s16_fn(const te_mfcc *p, const int16_t *in, const int16_t *matrix, int16_t *out);

#endif
