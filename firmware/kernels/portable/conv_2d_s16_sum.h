/* SPDX-License-Identifier: Apache-2.0 */
/* What the two int16 convolutions share. */
#ifndef TE_CONV_2D_S16_SUM_H
#define TE_CONV_2D_S16_SUM_H

#include "kernels/conv_2d.h"
#include "kernels/wide.h"

/* The sum of products of output `channel` for the window whose first tap is at row `top`, column `left` of
 * `in`. */
static inline int64_t te_conv_2d_s16_sum(const te_conv_2d *p, const int16_t *in, const int8_t *weights,
                                         int32_t top, int32_t left, int32_t channel) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t group_size = p->out_channels / p->groups;
    /* Taps of one row lie side by side in memory unless dilation or groups part them. */
    const int32_t run = p->dilation_x == 1 && p->groups == 1 ? p->kernel_width : 1;
    const int8_t *w = weights + channel * p->kernel_height * p->kernel_width * depth;
    int64_t sum = 0;

    in += channel / group_size * depth;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        if (row < 0 || row >= p->in_height) {
            w += p->kernel_width * depth;
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_width; kx += run) {
            const int32_t column = left + kx * p->dilation_x;
            const int32_t before = te_clamp(-column, 0, run);
            const int32_t inside = run - before - te_clamp(column + run - p->in_width, 0, run);
            if (inside > 0)
                sum += te_dot_s16(in + (row * p->in_width + column + before) * p->in_channels,
                                  w + before * depth, inside * depth);
            w += run * depth;
        }
    }
    return sum;
}

#endif
