/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions with int16 activations whose sums fit 32 bits. Lanes are output channels, as in conv_2d_s8.c; windows of
 * several pixels are laid on the stack first. TE_CONV_2D is the kernel's name, TE_OUTPUTS(sums, channel, count, out)
 * requantises; included once for each.
 *
 * Weights, from tinyedge/plan/layout/rvv_short.py: [groups, taps, channels of a group]. */
#include "kernels/rvv/short.h"
#include "kernels/rvv/sums.h"

TE_KERNEL void TE_CONV_2D(const te_conv_2d *restrict p, const int16_t *in, const int8_t *weights,
                          const int32_t *bias, const int32_t *multiplier, const int8_t *shift, int16_t *out) {
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t size = p->out_channels / p->groups;
    const int32_t pixels = p->out_height * p->out_width;
    const int few = size <= TE_CONV_2D_RVV_FEW;
    const int32_t together = few ? TE_CONV_2D_RVV_MANY : TE_CONV_2D_RVV_PIXELS;
    const int32_t block = few ? TE_CONV_2D_RVV_FEW : TE_RVV_BLOCK;
    const int32_t pitch = TE_CONV_2D_RVV_TAPS / together;
    /* All inputs are then read before the first output is written, on which the layout's `ahead` relies. */
    const int whole = taps <= pitch;
    int16_t windows[TE_CONV_2D_RVV_TAPS];
    int32_t sums[TE_CONV_2D_RVV_PIXELS * TE_RVV_BLOCK];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += together) {
            const int32_t last_pixel = te_min(together, pixels - pixel) - 1;
            TE_ROLLED
            for (int32_t group = 0; group < p->groups; group++) {
                const int32_t begin = group * size, end = begin + size;
                int32_t vl;
                TE_ROLLED
                for (int32_t c = begin; c < end; c += vl) {
                    const int8_t *w = weights + begin * taps + c - begin;
                    const int32_t *start = bias + c;
                    int32_t next = 0;
                    vl = few ? (int32_t)__riscv_vsetvl_e32m4((size_t)(end - c))
                             : (int32_t)__riscv_vsetvl_e32m8((size_t)te_min(end - c, TE_RVV_BLOCK));
                    TE_ROLLED
                    for (int32_t from = 0; from < taps; from += pitch) {
                        const int32_t last = te_min(from + pitch, taps);
                        TE_ROLLED
                        for (int32_t j = 0; j < together && (c == begin || !whole); j++) {
                            /* Where fewer pixels are left, the last one is made several times. */
                            const int32_t which = te_turn(pixel + te_min(j, last_pixel), pixels, p->reverse);
                            te_conv_2d_s16_lay(p, image, which, group, from, last, te_copy_s16, te_clear_s16,
                                               windows + j * pitch);
                        }
                        if (few)
                            te_sums_few_s16(6, windows, pitch, w, size, last - from, (size_t)vl, start, next,
                                            sums);
                        else
                            te_sums_s16(windows, pitch, w, size, last - from, (size_t)vl, start, next, sums);
                        w += (last - from) * size;
                        start = sums;
                        next = block;
                    }
                    TE_ROLLED
                    for (int32_t j = 0; j <= last_pixel; j++) {
                        const int32_t which = te_turn(pixel + j, pixels, p->reverse);
                        TE_OUTPUTS(sums + j * block, c, vl,
                                   out + (batch * pixels + which) * p->out_channels + c);
                    }
                }
            }
        }
    }
}

#undef TE_CONV_2D
#undef TE_OUTPUTS
