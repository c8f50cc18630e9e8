/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/conv_2d.h"
#include "kernels/dot.h"

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_portable;

TE_KERNEL void te_conv_2d_s8_portable(const te_conv_2d *p, const int8_t *in, const int8_t *weights,
                                      const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                      int8_t *out) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t group_size = p->out_channels / p->groups;
    /* Taps of one row lie side by side in memory unless dilation or groups part them. */
    const int32_t run = p->dilation_x == 1 && p->groups == 1 ? p->kernel_width : 1;

    for (int32_t batch = 0; batch < p->batches; batch++) {
        for (int32_t y = 0; y < p->out_height; y++) {
            for (int32_t x = 0; x < p->out_width; x++) {
                const int32_t top = y * p->stride_y - p->pad_top;
                const int32_t left = x * p->stride_x - p->pad_left;
                const int8_t *w = weights;
                for (int32_t channel = 0; channel < p->out_channels; channel++) {
                    const int8_t *source = in + channel / group_size * depth;
                    int32_t sum = bias[channel];
                    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
                        const int32_t row = top + ky * p->dilation_y;
                        const int row_inside = row >= 0 && row < p->in_height;
                        for (int32_t kx = 0; kx < p->kernel_width; kx += run) {
                            const int32_t column = left + kx * p->dilation_x;
                            int32_t before = te_clamp(-column, 0, run);
                            int32_t after = te_clamp(column + run - p->in_width, 0, run);
                            if (!row_inside || before + after >= run) {
                                before = run;
                                after = 0;
                            }
                            const int32_t inside = run - before - after;
                            if (before > 0)
                                sum += te_sum_s8(w, before * depth) * p->in_zero_point;
                            if (inside > 0)
                                sum +=
                                    te_dot_s8(source + (row * p->in_width + column + before) * p->in_channels,
                                              w + before * depth, inside * depth);
                            if (after > 0)
                                sum += te_sum_s8(w + (before + inside) * depth, after * depth) *
                                       p->in_zero_point;
                            w += run * depth;
                        }
                    }
                    const int32_t c = channel * p->channel_step;
                    const int32_t scaled = te_requantize(sum, multiplier[c], shift[c]) + p->out_zero_point;
                    *out++ = (int8_t)te_clamp(scaled, p->out_min, p->out_max);
                }
            }
        }
        in += p->in_height * p->in_width * p->in_channels;
    }
}
