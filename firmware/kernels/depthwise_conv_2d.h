/* SPDX-License-Identifier: Apache-2.0 */
/* Two-dimensional convolution of every channel by itself, also dilated. */
#ifndef TE_DEPTHWISE_CONV_2D_H
#define TE_DEPTHWISE_CONV_2D_H

#include "kernels/kernel.h"

typedef struct te_depthwise_conv_2d {
    int16_t batches;
    int16_t in_height, in_width, in_channels;
    int16_t out_height, out_width, out_channels;
    int16_t kernel_height, kernel_width;
    int16_t stride_y, stride_x, dilation_y, dilation_x;
    int16_t pad_top, pad_left; /* rows and columns of zero points before the first */
    int16_t multiplier;        /* out_channels / in_channels: outputs of each input channel, side by side */
    int16_t channel_step;      /* 1: multiplier and shift per output channel; 0: one pair for all */
    int16_t max_shift;         /* no shift is larger */
    int16_t in_zero_point, out_zero_point, out_min, out_max;
    int16_t reverse; /* 1: output pixels are computed from the last to the first */
} te_depthwise_conv_2d;

/* in [batches, in_height, in_width, in_channels], out [batches, out_height, out_width, out_channels],
   weights [kernel_height, kernel_width, out_channels],
   bias [out_channels] less in_zero_point * (sum of the channel's weights), so that a tap outside the input
   counts as in_zero_point; multiplier and shift for te_requantize.

   Order: output pixels in raster order, or from the last to the first when `reverse`; a pixel's inputs are
   read before or while its channels are written, and none that only earlier pixels need is read again. `out`
   may therefore overlap `in` at the distances that tinyedge/ops/window.py computes; for a kernel that makes
   several pixels at once and reads on after the first is written, its layout adds to them (ops.Call.ahead).
 */
typedef void te_depthwise_conv_2d_s8_fn(const te_depthwise_conv_2d *p, const int8_t *in,
                                        const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                        const int8_t *shift, int8_t *out);

/* The same with int16 activations, whose zero points are 0: sums of 64 bits; multiplier and shift for
   te_requantize_reduced. */
typedef void te_depthwise_conv_2d_s16_fn(const te_depthwise_conv_2d *p, const int16_t *in,
                                         const int8_t *weights, const int64_t *bias,
                                         const int32_t *multiplier, const int8_t *shift, int16_t *out);

/* te_depthwise_conv_2d_s16_fn where sums fit 32 bits: multiplier and shift of every channel for
   te_requantize_short. The fast kernels with int16 activations are of this type. */
typedef void te_depthwise_conv_2d_s16_short_fn(const te_depthwise_conv_2d *p, const int16_t *in,
                                               const int8_t *weights, const int32_t *bias,
                                               const int32_t *multiplier, const int8_t *shift, int16_t *out);

#endif
