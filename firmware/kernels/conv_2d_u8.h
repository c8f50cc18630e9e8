/* SPDX-License-Identifier: Apache-2.0 */
/* Two-dimensional convolution whose weights have a zero point, as TensorFlow 1 made them. */
#ifndef TE_CONV_2D_U8_H
#define TE_CONV_2D_U8_H

#include "kernels/kernel.h"

typedef struct te_conv_2d_u8 {
    int16_t batches;
    int16_t in_height, in_width, in_channels;
    int16_t out_height, out_width, out_channels;
    int16_t kernel_height, kernel_width;
    int16_t stride_y, stride_x, dilation_y, dilation_x;
    int16_t pad_top, pad_left; /* rows and columns of zero points before the first */
    int16_t groups;
    int16_t in_zero_point, weights_zero_point, out_zero_point, out_min, out_max;
    int16_t reverse; /* 1: output pixels are computed from the last to the first */
    int16_t once;    /* 1: sums are rounded once, as te_requantize_wide does, and not twice */
    int16_t shift;
    int32_t multiplier;
    uint32_t multiplier_low; /* 0 unless once */
} te_conv_2d_u8;

/* in [batches, in_height, in_width, in_channels], out [batches, out_height, out_width, out_channels],
   weights [out_channels, kernel_height, kernel_width, in_channels / groups], bias [out_channels]; multiplier
   and shift for te_requantize, or te_requantize_wide. A depthwise convolution has as many groups as channels.

   Order: as te_conv_2d. */
typedef void te_conv_2d_u8_fn(const te_conv_2d_u8 *p, const int8_t *in, const uint8_t *weights,
                              const int32_t *bias, int8_t *out);

#endif
