/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/depthwise_conv_2d.h"
#include "kernels/taps.h"
#include "kernels/wide.h"

TE_KERNEL te_depthwise_conv_2d_s16_fn te_depthwise_conv_2d_s16_portable;

TE_KERNEL void te_depthwise_conv_2d_s16_portable(const te_depthwise_conv_2d *restrict p, const int16_t *in,
                                                 const int8_t *weights, const int64_t *bias,
                                                 const int32_t *multiplier, const int8_t *shift,
                                                 int16_t *out) {
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                int16_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->out_channels;
                const int32_t top = y * p->stride_y - p->pad_top;
                const int32_t left = x * p->stride_x - p->pad_left;
                const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
                const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
                for (int32_t channel = 0; channel < p->out_channels; channel++) {
                    int64_t sum = bias[channel];
                    for (int32_t ky = rows.first; ky < rows.last; ky++) {
                        const int32_t row = top + ky * p->dilation_y;
                        for (int32_t kx = columns.first; kx < columns.last; kx++) {
                            const int32_t column = left + kx * p->dilation_x;
                            sum += weights[(ky * p->kernel_width + kx) * p->out_channels + channel] *
                                   image[(row * p->in_width + column) * p->in_channels +
                                         channel / p->multiplier];
                        }
                    }
                    const int32_t c = channel * p->channel_step;
                    const int32_t scaled = te_requantize_reduced(sum, multiplier[c], shift[c]);
                    *to++ = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
                }
            }
        }
    }
}
