/* SPDX-License-Identifier: Apache-2.0 */
/* For cores with a fast 32-bit multiplication and no vectors: four output pixels by four channels, whose
   sixteen sums are in registers.

   The windows of four pixels are laid on the stack, TE_CONV_2D_SCALAR_WIDE taps at a time, tap by tap side by
   side. Weights, from tinyedge/plan/layout/scalar_short.py: for every group, every TE_CONV_2D_SCALAR_BLOCK of
   its channels, every part of the window, every four channels and every one of those that remain, [taps,
   channels]. TE_CONV_2D is the kernel's name, TE_SCALE requantises a sum; included once
   for each. */
#include "kernels/scalar/conv_2d_s16.h"

TE_KERNEL void TE_CONV_2D(const te_conv_2d *restrict p, const int16_t *in, const int8_t *weights,
                          const int32_t *bias, const int32_t *multiplier, const int8_t *shift, int16_t *out) {
    enum {
        PIXELS = TE_CONV_2D_SCALAR_FOUR,
        MOST = TE_CONV_2D_SCALAR_FOUR,
        BLOCK = TE_CONV_2D_SCALAR_BLOCK,
        TAPS = TE_CONV_2D_SCALAR_WIDE
    };
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t size = p->out_channels / p->groups;
    const int32_t pixels = p->out_height * p->out_width;
    /* All inputs are then read before the first output is written, on which the layout's `ahead` relies. */
    const int whole = taps <= TAPS;
    int16_t windows[PIXELS * TAPS];
    int32_t sums[PIXELS * BLOCK];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += PIXELS) {
            const int8_t *w = weights;
            const int32_t last_pixel = te_min(PIXELS, pixels - pixel) - 1;
            for (int32_t group = 0; group < p->groups; group++) {
                for (int32_t first = 0; first < size; first += BLOCK) {
                    const int32_t count = te_min(size - first, BLOCK);
                    for (int32_t from = 0; from < taps; from += TAPS) {
                        const int32_t last = te_min(from + TAPS, taps);
                        for (int32_t j = 0; j < PIXELS && (first == 0 || !whole); j++) {
                            /* Where fewer pixels are left, the last one is made several times. */
                            const int32_t which = te_turn(pixel + te_min(j, last_pixel), pixels, p->reverse);
                            te_conv_2d_s16_lay(p, image, which, group, from, last, te_conv_2d_s16_scalar_copy,
                                               te_conv_2d_s16_scalar_clear, windows + j * TAPS);
                        }
                        const int32_t fours = count - count % MOST;
                        for (int32_t c = 0; c < fours; c += MOST)
                            w = te_conv_2d_s16_scalar_add(windows, w, last - from, MOST, from > 0,
                                                          sums + c * PIXELS);
                        for (int32_t c = fours; c < count; c++)
                            w = te_conv_2d_s16_scalar_add(windows, w, last - from, 1, from > 0,
                                                          sums + c * PIXELS);
                    }
                    for (int32_t j = 0; j <= last_pixel; j++) {
                        const int32_t which = te_turn(pixel + j, pixels, p->reverse);
                        const int32_t start = group * size + first;
                        int16_t *const to = out + (batch * pixels + which) * p->out_channels + start;
                        for (int32_t c = 0; c < count; c++) {
                            const int32_t scaled = TE_SCALE(sums[c * PIXELS + j] + bias[start + c],
                                                            multiplier[start + c], shift[start + c]);
                            to[c] = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
                        }
                    }
                }
            }
        }
    }
}

#undef TE_CONV_2D
#undef TE_SCALE
