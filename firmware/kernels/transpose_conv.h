/* SPDX-License-Identifier: Apache-2.0 */
/* Transposed two-dimensional convolution. */
#ifndef TE_TRANSPOSE_CONV_H
#define TE_TRANSPOSE_CONV_H

#include "kernels/kernel.h"

typedef struct te_transpose_conv {
    int16_t batches;
    int16_t in_height, in_width, in_channels;
    int16_t out_height, out_width, out_channels;
    int16_t kernel_height, kernel_width;
    int16_t stride_y, stride_x;
    int16_t pad_top, pad_left; /* rows and columns that are cut off before the first */
    int16_t channel_step;      /* 1: multiplier and shift per output channel; 0: one pair for all */
    int16_t max_shift;         /* no shift is larger */
    int16_t in_zero_point, out_zero_point, out_min, out_max;
    int16_t reverse; /* 1: output pixels are computed from the last to the first */
} te_transpose_conv;

/* in [batches, in_height, in_width, in_channels], out [batches, out_height, out_width, out_channels],
   weights [out_channels, kernel_height, kernel_width, in_channels], bias [out_channels],
   tap_bias [out_channels, kernel_height, kernel_width]: -zero point of `in` * (sum of the tap's weights);
   multiplier and shift for te_requantize. Input (iy, ix) meets output (y, x) at tap (y + pad_top -
   iy * stride_y, x + pad_left - ix * stride_x), where there is one.

   Order: output pixels in raster order, or from the last to the first when `reverse`; a pixel's inputs are
   read before or while its channels are written, and none that only earlier pixels need is read again. */
typedef void te_transpose_conv_s8_fn(const te_transpose_conv *p, const int8_t *in, const int8_t *weights,
                                     const int32_t *tap_bias, const int32_t *bias, const int32_t *multiplier,
                                     const int8_t *shift, int8_t *out);

/* The same with int16 activations, whose zero points are 0: sums of 64 bits; multiplier and shift for
   te_requantize_reduced. */
typedef void te_transpose_conv_s16_fn(const te_transpose_conv *p, const int16_t *in, const int8_t *weights,
                                      const int64_t *bias, const int32_t *multiplier, const int8_t *shift,
                                      int16_t *out);

/* The same with sums that fit 32 bits, requantised by te_requantize. */
typedef void te_transpose_conv_s16_narrow_fn(const te_transpose_conv *p, const int16_t *in,
                                             const int8_t *weights, const int32_t *bias,
                                             const int32_t *multiplier, const int8_t *shift, int16_t *out);

#endif
