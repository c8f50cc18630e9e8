/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/conv_2d_u8.h"
#include "kernels/taps.h"
#include "kernels/wide.h"

static inline int32_t te_conv_2d_u8_scaled(const te_conv_2d_u8 *p, int32_t sum) {
    return p->once ? te_requantize_wide(sum, p->multiplier, p->multiplier_low, p->shift, 1)
                   : te_requantize(sum, p->multiplier, p->shift);
}

/* The sum of products of output `channel`, for the window whose first tap is at row `top`, column `left`. */
static inline int32_t te_conv_2d_u8_sum(const te_conv_2d_u8 *p, const int8_t *in, const uint8_t *weights,
                                        int32_t top, int32_t left, int32_t channel) {
    const int32_t depth = p->in_channels / p->groups;
    const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
    const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
    int32_t sum = 0;

    in += channel / (p->out_channels / p->groups) * depth;
    weights += channel * p->kernel_height * p->kernel_width * depth;
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        for (int32_t kx = columns.first; kx < columns.last; kx++) {
            const int32_t place = (top + ky * p->dilation_y) * p->in_width + left + kx * p->dilation_x;
            const int8_t *x = in + place * p->in_channels;
            const uint8_t *w = weights + (ky * p->kernel_width + kx) * depth;
            for (int32_t i = 0; i < depth; i++)
                sum += (x[i] - p->in_zero_point) * (w[i] - p->weights_zero_point);
        }
    }
    return sum;
}

TE_KERNEL te_conv_2d_u8_fn te_conv_2d_u8_portable;

TE_KERNEL void te_conv_2d_u8_portable(const te_conv_2d_u8 *restrict p, const int8_t *in,
                                      const uint8_t *weights, const int32_t *bias, int8_t *out) {
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                int8_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->out_channels;
                const int32_t top = y * p->stride_y - p->pad_top;
                const int32_t left = x * p->stride_x - p->pad_left;
                for (int32_t channel = 0; channel < p->out_channels; channel++) {
                    const int32_t sum = te_conv_2d_u8_sum(p, image, weights, top, left, channel);
                    const int32_t scaled = te_conv_2d_u8_scaled(p, bias[channel] + sum);
                    *to++ = (int8_t)te_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
                }
            }
        }
    }
}
