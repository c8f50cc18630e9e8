/* SPDX-License-Identifier: Apache-2.0 */
/* The product along some dimensions. */
#ifndef TE_REDUCE_PROD_H
#define TE_REDUCE_PROD_H

#include "kernels/kernel.h"
#include "kernels/wide.h"

typedef struct te_reduce_prod {
    int32_t size[5]; /* of the input: kept, reduced, kept, reduced, kept */
    int32_t multiplier;
    int16_t shift;
    int16_t in_zero_point, out_zero_point, out_min, out_max;
} te_reduce_prod;

/* in [size[0], size[1], size[2], size[3], size[4]], out [size[0], size[2], size[4]]; multiplier and shift for
   te_requantize_reduced, by which every product and at last the result is rescaled.

   Order: as of te_reduce_extremum. */
typedef void te_reduce_prod_s8_fn(const te_reduce_prod *p, const int8_t *in, int8_t *out);
typedef void te_reduce_prod_s16_fn(const te_reduce_prod *p, const int16_t *in, int16_t *out);

#endif
