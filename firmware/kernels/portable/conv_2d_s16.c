/* SPDX-License-Identifier: Apache-2.0 */
#include "conv_2d_s16_sum.h"

TE_KERNEL te_conv_2d_s16_fn te_conv_2d_s16_portable;

TE_KERNEL void te_conv_2d_s16_portable(const te_conv_2d *restrict p, const int16_t *in, const int8_t *weights,
                                       const int64_t *bias, const int32_t *multiplier, const int8_t *shift,
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
                for (int32_t channel = 0; channel < p->out_channels; channel++) {
                    const int64_t sum = te_conv_2d_s16_sum(p, image, weights, top, left, channel);
                    const int32_t c = channel * p->channel_step;
                    const int32_t scaled =
                        te_requantize_reduced(sum + bias[channel], multiplier[c], shift[c]);
                    *to++ = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
                }
            }
        }
    }
}
