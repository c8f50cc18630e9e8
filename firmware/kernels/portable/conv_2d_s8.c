/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/conv_2d.h"
#include "kernels/dot.h"
#include "kernels/taps.h"

/* Stack bytes for the inputs of one pixel; windows that do not fit are read where they are. */
enum { TE_CONV_2D_S8_PATCH = 320 };

/* Lays the window whose first tap is at row `top`, column `left` of `in` out as the weights of a channel are.
 */
static inline void te_conv_2d_s8_gather(const te_conv_2d *p, const int8_t *in, int32_t top, int32_t left,
                                        int8_t *patch) {
    const int32_t depth = p->in_channels;
    const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
    const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
    const int32_t inside = columns.last - columns.first;
    const int whole = rows.first == 0 && rows.last == p->kernel_height && inside == p->kernel_width;

    if (!whole)
        memset(patch, p->in_zero_point, (size_t)(p->kernel_height * p->kernel_width * depth));
    for (int32_t ky = rows.first; ky < rows.last && inside > 0; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        int8_t *to = patch + (ky * p->kernel_width + columns.first) * depth;
        const int8_t *from = in + (row * p->in_width + left + columns.first * p->dilation_x) * depth;
        if (p->dilation_x == 1) {
            for (int32_t i = 0; i < inside * depth; i++)
                to[i] = from[i];
            continue;
        }
        for (int32_t kx = 0; kx < inside; kx++)
            for (int32_t i = 0; i < depth; i++)
                to[kx * depth + i] = from[kx * p->dilation_x * depth + i];
    }
}

/* The sum of products of output `channel`, for windows of any size. */
static inline int32_t te_conv_2d_s8_sum(const te_conv_2d *p, const int8_t *in, const int8_t *weights,
                                        int32_t top, int32_t left, int32_t channel) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t group_size = p->out_channels / p->groups;
    /* Taps of one row lie side by side in memory unless dilation or groups part them. */
    const int32_t run = p->dilation_x == 1 && p->groups == 1 ? p->kernel_width : 1;
    const int8_t *w = weights + channel * p->kernel_height * p->kernel_width * depth;
    int32_t sum = 0;

    in += channel / group_size * depth;
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
                sum += te_dot_s8(in + (row * p->in_width + column + before) * p->in_channels,
                                 w + before * depth, inside * depth);
            if (after > 0)
                sum += te_sum_s8(w + (before + inside) * depth, after * depth) * p->in_zero_point;
            w += run * depth;
        }
    }
    return sum;
}

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_portable;

TE_KERNEL void te_conv_2d_s8_portable(const te_conv_2d *restrict p, const int8_t *in, const int8_t *weights,
                                      const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                      int8_t *out) {
    const int32_t taps = p->kernel_height * p->kernel_width * p->in_channels;
    const int padded = p->pad_top > 0 || (p->out_height - 1) * p->stride_y >= p->in_height ||
                       p->pad_left > 0 || (p->out_width - 1) * p->stride_x >= p->in_width;
    const int single = p->kernel_height == 1 && p->kernel_width == 1 && !padded;
    /* Whether a pixel's inputs can be had side by side: one dot product then makes an output. */
    const int dense = p->groups == 1 && (single || taps <= TE_CONV_2D_S8_PATCH);

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
                const int8_t *source = NULL;
                int8_t patch[TE_CONV_2D_S8_PATCH];
                if (dense && single) {
                    source = image + (top * p->in_width + left) * p->in_channels;
                } else if (dense) {
                    te_conv_2d_s8_gather(p, image, top, left, patch);
                    source = patch;
                }
                for (int32_t channel = 0; channel < p->out_channels; channel++) {
                    const int32_t sum = dense ? te_dot_s8(source, weights + channel * taps, taps)
                                              : te_conv_2d_s8_sum(p, image, weights, top, left, channel);
                    const int32_t c = channel * p->channel_step;
                    const int32_t scaled = te_requantize(bias[channel] + sum, multiplier[c], shift[c]);
                    *to++ = (int8_t)te_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
                }
            }
        }
    }
}
