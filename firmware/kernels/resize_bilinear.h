/* SPDX-License-Identifier: Apache-2.0 */
/* An image at another size, its pixels weighted means of the four that are nearest. */
#ifndef TE_RESIZE_BILINEAR_H
#define TE_RESIZE_BILINEAR_H

#include "kernels/kernel.h"

typedef struct te_resize_bilinear {
    int16_t batches;
    int16_t in_height, in_width, channels;
    int16_t out_height, out_width;
} te_resize_bilinear;

/* in [batches, in_height, in_width, channels], out [batches, out_height, out_width, channels]. For each
   output row, `rows` holds two input rows and how much of 1024 the second counts, the first the rest;
   `columns` the same for each output column. The mean is rounded to the nearest, ties away from zero.

   Order: output pixels in raster order; a pixel's inputs are read while its channels are written. */
typedef void te_resize_bilinear_s8_fn(const te_resize_bilinear *p, const int8_t *in, const int16_t *rows,
                                      const int16_t *columns, int8_t *out);
typedef void te_resize_bilinear_u8_fn(const te_resize_bilinear *p, const uint8_t *in, const int16_t *rows,
                                      const int16_t *columns, uint8_t *out);
typedef void te_resize_bilinear_s16_fn(const te_resize_bilinear *p, const int16_t *in, const int16_t *rows,
                                       const int16_t *columns, int16_t *out);

#endif
