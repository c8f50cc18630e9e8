/* SPDX-License-Identifier: Apache-2.0 */
#include "conv_2d_s16_sum.h"

TE_KERNEL te_conv_2d_s16_fn te_conv_2d_s16_portable;

TE_KERNEL void te_conv_2d_s16_portable(const te_conv_2d *p, const int16_t *in, const int8_t *weights,
                                       const int64_t *bias, const int32_t *multiplier, const int8_t *shift,
                                       int16_t *out) {
    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->out_height; y++) {
            for (int32_t x = 0; x < p->out_width; x++) {
                const int32_t top = y * p->stride_y - p->pad_top;
                const int32_t left = x * p->stride_x - p->pad_left;
                for (int32_t channel = 0; channel < p->out_channels; channel++) {
                    const int64_t sum = te_conv_2d_s16_sum(p, in, weights, top, left, channel);
                    const int32_t c = channel * p->channel_step;
                    const int32_t scaled =
                        te_requantize_reduced(sum + bias[channel], multiplier[c], shift[c]);
                    *out++ = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
                }
            }
        }
        in += p->in_height * p->in_width * p->in_channels;
    }
}
