/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/depthwise_conv_2d.h"

enum { TE_DEPTHWISE_CONV_2D_S8_BLOCK = 16 };

/* Output channels first to first + count - 1 of one pixel; output channel c reads input channel
   source + (c - first) * step of the window whose first tap is at row `top`, column `left` of `in`. A tap
   outside the input reads `pad`. */
static inline void te_depthwise_conv_2d_s8_block(const te_depthwise_conv_2d *p, const int8_t *in,
                                                 const int8_t *pad, const int8_t *weights,
                                                 const int32_t *bias, int32_t top, int32_t left,
                                                 int32_t source, int32_t step, int32_t first, int32_t count,
                                                 int32_t *sums) {
    TE_ROLLED
    for (int32_t i = 0; i < count; i++)
        sums[i] = bias[first + i];
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int row_inside = row >= 0 && row < p->in_height;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t column = left + kx * p->dilation_x;
            const int8_t *w = weights + (ky * p->kernel_width + kx) * p->out_channels + first;
            const int8_t *x = pad;
            if (row_inside && column >= 0 && column < p->in_width)
                x = in + (row * p->in_width + column) * p->in_channels + source;
            if (step == 1) {
                TE_ROLLED
                for (int32_t i = 0; i < count; i++)
                    sums[i] += w[i] * x[i];
            } else {
                TE_ROLLED
                for (int32_t i = 0; i < count; i++)
                    sums[i] += w[i] * x[0];
            }
        }
    }
}

TE_KERNEL te_depthwise_conv_2d_s8_fn te_depthwise_conv_2d_s8_portable;

TE_KERNEL void te_depthwise_conv_2d_s8_portable(const te_depthwise_conv_2d *restrict p, const int8_t *in,
                                                const int8_t *weights, const int32_t *bias,
                                                const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    /* One run of all channels where each has one output, else a run of the outputs of each. */
    const int32_t step = p->multiplier == 1;
    const int32_t run = step ? p->out_channels : p->multiplier;
    int8_t pad[TE_DEPTHWISE_CONV_2D_S8_BLOCK];
    memset(pad, p->in_zero_point, sizeof pad);

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
                for (int32_t start = 0, source = 0; start < p->out_channels; start += run, source++) {
                    for (int32_t first = start; first < start + run; first += TE_DEPTHWISE_CONV_2D_S8_BLOCK) {
                        int32_t sums[TE_DEPTHWISE_CONV_2D_S8_BLOCK];
                        const int32_t from = step ? first : source;
                        const int32_t count = te_min(start + run - first, TE_DEPTHWISE_CONV_2D_S8_BLOCK);
                        te_depthwise_conv_2d_s8_block(p, image, pad, weights, bias, top, left, from, step,
                                                      first, count, sums);
                        for (int32_t i = 0; i < count; i++) {
                            const int32_t c = (first + i) * p->channel_step;
                            const int32_t scaled =
                                te_requantize(sums[i], multiplier[c], shift[c]) + p->out_zero_point;
                            *to++ = (int8_t)te_clamp(scaled, p->out_min, p->out_max);
                        }
                    }
                }
            }
        }
    }
}
