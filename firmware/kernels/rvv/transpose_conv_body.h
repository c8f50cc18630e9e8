/* SPDX-License-Identifier: Apache-2.0 */
/* te_transpose_conv for any type of activation. Outputs of a row whose places leave the same remainder by the stride are
 * a convolution with every so many of the taps: their inputs are laid on the stack, padded, and channels are lanes.
 *
 * TE_NAMED(end) is te_transpose_conv_s8end, _s16end or _s16_narrowend, TE_KIND(name) is name_s8 or name_s16, TE_ELEMENT
 * the type of an activation, TE_FILL(to, count) sets so many to its zero point and TE_COPY(to, from, count) copies
 * them, TE_TAP_PARAMETER is the parameter before the bias and TE_BIAS(phase) where the sums of a phase begin,
 * TE_OUTPUTS(sums, channel, count, out) requantises; included once for each.
 *
 * Weights, from tinyedge/plan/layout/rvv_transpose.py: by the remainders of row and column [rows, columns, inputs,
 * channels], the last tap of both first, as it meets the first input; multipliers and shifts for every channel. */
#include "kernels/rvv/transpose_conv.h"

/* Lays `count` inputs of row y of `image`, from column x on, to `to`; columns from `end` on count as outside. */
static inline void TE_NAMED(_lay)(const te_transpose_conv *p, const TE_ELEMENT *image, int32_t y, int32_t x,
                                  int32_t end, int32_t count, TE_ELEMENT *to) {
    const int32_t depth = p->in_channels;
    const int inside = y >= 0 && y < p->in_height;
    const int32_t first = te_max(x, 0), last = inside ? te_min(x + count, end) : first;
    if (last - first < count)
        TE_FILL(to, count * depth);
    if (last > first)
        TE_COPY(to + (first - x) * depth, image + (y * p->in_width + first) * depth, (last - first) * depth);
}

TE_KERNEL void TE_NAMED(_rvv)(const te_transpose_conv *restrict p, const TE_ELEMENT *in,
                              const int8_t *weights, TE_TAP_PARAMETER const int32_t *bias,
                              const int32_t *multiplier, const int8_t *shift, TE_ELEMENT *out) {
    enum { LAID = TE_TRANSPOSE_CONV_RVV_BYTES / sizeof(TE_ELEMENT) };
    const int32_t depth = p->in_channels, channels = p->out_channels;
    const int32_t tall = te_transpose_conv_of(p->kernel_height, p->stride_y, 0);
    const int32_t wide = te_transpose_conv_of(p->kernel_width, p->stride_x, 0);
    /* Outputs of one remainder, by the last input column that they meet. */
    const int32_t start = p->pad_left / p->stride_x;
    const int32_t end = (p->out_width - 1 + p->pad_left) / p->stride_x + 1;
    const int few = channels <= TE_CONV_2D_RVV_FEW;
    const int four =
        (end - start + 3) / 4 * 3 < (end - start + 5) / 6 * 4; /* 3 to 4 is what a tap of these takes */
    const int32_t together = few ? (four ? 4 : TE_CONV_2D_RVV_MANY) : TE_CONV_2D_RVV_PIXELS;
    const int32_t block = few ? TE_CONV_2D_RVV_FEW : TE_RVV_BLOCK;
    const int32_t room = (LAID / (tall * depth) - wide + 1) / together * together;
    const int32_t span = te_min(room, (end - start + together - 1) / together * together);
    TE_ELEMENT rows[LAID];
    int32_t sums[TE_CONV_2D_RVV_PIXELS * TE_RVV_BLOCK];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const TE_ELEMENT *image = in + batch * p->in_height * p->in_width * depth;
        TE_ROLLED
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t ky = (y + p->pad_top) % p->stride_y, row = (y + p->pad_top) / p->stride_y;
            const int32_t height = te_transpose_conv_of(p->kernel_height, p->stride_y, ky);
            const int8_t *const of_row =
                weights + te_transpose_conv_before(p->kernel_height, p->stride_y, ky) * p->kernel_width *
                              depth * channels;
            TE_ELEMENT *const to = out + (batch * p->out_height + y) * p->out_width * channels;
            TE_ROLLED
            for (int32_t first = start; first < end; first += span) {
                TE_ROLLED
                for (int32_t r = 0; r < height; r++)
                    TE_NAMED(_lay)
                (p, image, row - height + 1 + r, first - wide + 1, te_min(end, p->in_width), span + wide - 1,
                 rows + r * (span + wide - 1) * depth);
                TE_ROLLED
                for (int32_t kx = 0; kx < p->stride_x; kx++) {
                    const int32_t width = te_transpose_conv_of(p->kernel_width, p->stride_x, kx);
                    const int32_t line = width * depth;
                    const int8_t *const w =
                        of_row + te_transpose_conv_before(p->kernel_width, p->stride_x, kx) * height * depth *
                                     channels;
                    TE_ROLLED
                    for (int32_t at = first; at < te_min(first + span, end); at += together) {
                        const TE_ELEMENT *const met = rows + (at - first + wide - width) * depth;
                        int32_t vl;
                        TE_ROLLED
                        for (int32_t c = 0; c < channels; c += vl) {
                            const int32_t *from = TE_BIAS(ky * p->stride_x + kx) + c;
                            int32_t next = 0;
                            vl = few ? (int32_t)__riscv_vsetvl_e32m4((size_t)(channels - c))
                                     : (int32_t)__riscv_vsetvl_e32m8((size_t)te_min(channels - c, block));
                            /* Where no tap meets an input, the bias alone. */
                            TE_ROLLED
                            for (int32_t r = 0; r < te_max(height, 1); r++) {
                                const TE_ELEMENT *x = met + r * (span + wide - 1) * depth;
                                const int8_t *by = w + r * line * channels + c;
                                const int32_t taps = height > 0 ? line : 0;
                                if (few && four)
                                    TE_KIND(te_sums_few)(4, x, depth, by, channels, taps, (size_t)vl, from,
                                                         next, sums);
                                else if (few)
                                    TE_KIND(te_sums_few)(6, x, depth, by, channels, taps, (size_t)vl, from,
                                                         next, sums);
                                else
                                    TE_KIND(te_sums)(x, depth, by, channels, taps, (size_t)vl, from, next,
                                                     sums);
                                from = sums;
                                next = block;
                            }
                            TE_ROLLED
                            for (int32_t i = 0; i < together; i++) {
                                const int32_t x = (at + i) * p->stride_x + kx - p->pad_left;
                                if (x >= 0 && x < p->out_width)
                                    TE_OUTPUTS(sums + i * block, c, vl, to + x * channels + c);
                            }
                        }
                    }
                }
            }
        }
    }
}

#undef TE_NAMED
#undef TE_KIND
#undef TE_ELEMENT
#undef TE_FILL
#undef TE_COPY
#undef TE_TAP_PARAMETER
#undef TE_BIAS
#undef TE_OUTPUTS
