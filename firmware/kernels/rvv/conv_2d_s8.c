/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes are output channels: every tap is a load of weights for as many channels as a vector holds, and for
   each of several pixels one input times these. Few channels leave registers for more pixels.

   Weights, from tinyedge/plan/layout/rvv.py: [groups, taps, channels of a group]; multipliers and shifts for
   every channel. */
#include "kernels/rvv/sums.h"
#include "kernels/taps.h"

/* Lays inputs from to `to` - 1 of the window whose first tap is at row `top`, column `left` of `in` side by
   side. */
TE_KERNEL void te_conv_2d_s8_lay(const te_conv_2d *restrict p, const int8_t *in, int32_t top, int32_t left,
                                 int32_t from, int32_t to, int8_t *window) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t line = p->kernel_width * depth;
    const int32_t step = p->dilation_y * p->in_width * p->in_channels;
    const int parted = to - from < p->kernel_height * line;
    const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
    const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
    const int32_t inside = columns.last - columns.first;
    const int32_t run = p->dilation_x == 1 && p->groups == 1 ? inside : 1;
    const int8_t *const row = te_beside_s8(in, top * p->in_width * p->in_channels + left * p->in_channels);

    if (rows.last - rows.first < p->kernel_height || inside < p->kernel_width)
        te_fill_s8(window, p->in_zero_point, to - from);
    TE_ROLLED
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        TE_ROLLED
        for (int32_t kx = columns.first; kx < columns.last; kx += run) {
            const int32_t start = ky * line + kx * depth;
            const int32_t first = parted ? te_max(start, from) : start;
            const int32_t last = parted ? te_min(start + run * depth, to) : start + run * depth;
            te_copy_s8(window + first - from,
                       row + ky * step + kx * p->dilation_x * p->in_channels + first - start, last - first);
        }
    }
}

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_rvv;

TE_KERNEL void te_conv_2d_s8_rvv(const te_conv_2d *restrict p, const int8_t *in, const int8_t *weights,
                                 const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                 int8_t *out) {
    const te_output output = {p->out_zero_point, p->out_min, p->out_max, p->max_shift};
    const int32_t depth = p->in_channels / p->groups;
    const int32_t taps = p->kernel_height * p->kernel_width * depth;
    const int32_t group_size = p->out_channels / p->groups;
    const int32_t pixels = p->out_height * p->out_width;
    const int few = group_size <= TE_CONV_2D_RVV_FEW;
    const int32_t together = few ? TE_CONV_2D_RVV_MANY : TE_CONV_2D_RVV_PIXELS;
    const int32_t block = few ? TE_CONV_2D_RVV_FEW : TE_RVV_BLOCK;
    const int32_t pitch = TE_CONV_2D_RVV_WINDOWS / together;
    /* All inputs are then read before the first output is written, on which the layout's `ahead` relies. */
    const int early = p->groups == 1 && taps <= pitch;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        TE_ROLLED
        for (int32_t pixel = 0; pixel < pixels; pixel += together) {
            int8_t windows[TE_CONV_2D_RVV_WINDOWS];
            int32_t sums[TE_CONV_2D_RVV_PIXELS * TE_RVV_BLOCK];
            int32_t tops[TE_CONV_2D_RVV_MANY], lefts[TE_CONV_2D_RVV_MANY];
            int8_t *outputs[TE_CONV_2D_RVV_MANY];

            /* Where fewer pixels are left, the last one is made several times. */
            TE_ROLLED
            for (int32_t i = 0; i < together; i++) {
                const int32_t which = te_turn(te_min(pixel + i, pixels - 1), pixels, p->reverse);
                outputs[i] = out + (batch * pixels + which) * p->out_channels;
                tops[i] = which / p->out_width * p->stride_y - p->pad_top;
                lefts[i] = which % p->out_width * p->stride_x - p->pad_left;
                if (early)
                    te_conv_2d_s8_lay(p, image, tops[i], lefts[i], 0, taps, windows + i * pitch);
            }
            TE_ROLLED
            for (int32_t group = 0; group < p->groups; group++) {
                const int8_t *const w = weights + group * taps * group_size;
                const int32_t end = (group + 1) * group_size;
                int32_t vl;
                TE_ROLLED
                for (int32_t c = group * group_size; c < end; c += vl) {
                    const int8_t *at = w + c - group * group_size;
                    const int32_t *start = bias + c;
                    int32_t next = 0;
                    vl = few ? (int32_t)__riscv_vsetvl_e32m4((size_t)(end - c))
                             : (int32_t)__riscv_vsetvl_e32m8((size_t)te_min(end - c, TE_RVV_BLOCK));
                    TE_ROLLED
                    for (int32_t from = 0; from < taps; from += pitch) {
                        const int32_t to = te_min(from + pitch, taps);
                        TE_ROLLED
                        for (int32_t i = 0; i < together && !early; i++)
                            te_conv_2d_s8_lay(p, image + group * depth, tops[i], lefts[i], from, to,
                                              windows + i * pitch);
                        if (few)
                            te_sums_few_s8(6, windows, pitch, at, group_size, to - from, (size_t)vl, start,
                                           next, sums);
                        else
                            te_sums_s8(windows, pitch, at, group_size, to - from, (size_t)vl, start, next,
                                       sums);
                        at += (to - from) * group_size;
                        start = sums;
                        next = block;
                    }
                    TE_ROLLED
                    for (int32_t i = 0; i < together; i++)
                        te_requantize_lanes(sums + i * block, multiplier + c, shift + c, vl, output,
                                            outputs[i] + c);
                }
            }
        }
    }
}
