/* SPDX-License-Identifier: Apache-2.0 */
/* Average or maximum of every channel over a sliding window. */
#ifndef TE_POOL_2D_H
#define TE_POOL_2D_H

#include "kernels/kernel.h"

typedef struct te_pool_2d {
    int16_t batches;
    int16_t in_height, in_width;
    int16_t out_height, out_width;
    int16_t channels;
    int16_t kernel_height, kernel_width;
    int16_t stride_y, stride_x;
    int16_t pad_top, pad_left; /* rows and columns before the first; they count for nothing */
    int16_t out_min, out_max;
    int16_t reverse; /* 1: output pixels are computed from the last to the first */
} te_pool_2d;

/* in [batches, in_height, in_width, channels], out [batches, out_height, out_width, channels]; every window
   has an element inside the input. An average is rounded to nearest, ties away from zero.

   Order: output pixels in raster order, or from the last to the first when `reverse`; a pixel's inputs are
   read before or while its channels are written, and none that only earlier pixels need is read again. `out`
   may therefore overlap `in` at the distances that tinyedge/ops/window.py computes. */
typedef void te_average_pool_2d_s8_fn(const te_pool_2d *p, const int8_t *in, int8_t *out);
typedef void te_average_pool_2d_s16_fn(const te_pool_2d *p, const int16_t *in, int16_t *out);
typedef void te_average_pool_2d_u8_fn(const te_pool_2d *p, const uint8_t *in, uint8_t *out);
typedef void te_max_pool_2d_s8_fn(const te_pool_2d *p, const int8_t *in, int8_t *out);
typedef void te_max_pool_2d_s16_fn(const te_pool_2d *p, const int16_t *in, int16_t *out);

#endif
