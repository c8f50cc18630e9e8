/* SPDX-License-Identifier: Apache-2.0 */
/* A convolution with int16 activations, TE_CONV_2D. The windows of TE_PIXELS output pixels are laid side by side on the
 * stack, TE_TAPS taps at a time, by TE_COPY and TE_CLEAR, and sums of TE_BLOCK channels wait there for the next part.
 * TE_ADD(windows, weights, taps, count, more, sums) makes those of `count` channels over so many taps, added to what is
 * there if `more`, and gives the next weights; TE_OUTPUT(p, sums, bias, multiplier, shift, first, count, pixel, pixels,
 * out) makes outputs of them, of `count` channels from `first` on, at the TE_PIXELS output pixels from `pixel` on, or
 * as many as are left of `pixels`, of the image at `out`. Included once for each. */
#include "kernels/short.h"
#include "kernels/unrolled.h"

TE_KERNEL void TE_CONV_2D(const te_conv_2d *restrict p, const int16_t *in, const int8_t *weights,
                          const int32_t *bias, const int32_t *multiplier, const int8_t *shift, int16_t *out) {
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t size = p->out_channels / p->groups;
    const int32_t pixels = p->out_height * p->out_width;
    /* All inputs are then read before the first output is written, on which the layout's `ahead` relies. */
    const int whole = taps <= TE_TAPS;
    _Alignas(4) int16_t windows[TE_PIXELS * TE_TAPS];
    int32_t sums[TE_PIXELS * TE_BLOCK];

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int16_t *const image = in + batch * p->in_height * p->in_width * p->in_channels;
        TE_ROLLED
        for (int32_t pixel = 0; pixel < pixels; pixel += TE_PIXELS) {
            const int8_t *w = weights;
            /* Where fewer pixels are left, the last one is made several times. */
            int32_t which[TE_PIXELS];
            TE_UNROLLED
            for (int32_t j = 0; j < TE_PIXELS; j++)
                which[j] = te_turn(te_min(pixel + j, pixels - 1), pixels, p->reverse);
            for (int32_t group = 0; group < p->groups; group++) {
                for (int32_t first = 0; first < size; first += TE_BLOCK) {
                    const int32_t count = te_min(size - first, TE_BLOCK);
                    for (int32_t from = 0; from < taps; from += TE_TAPS) {
                        const int32_t last = te_min(from + TE_TAPS, taps);
                        TE_ROLLED
                        for (int32_t j = 0; j < TE_PIXELS && (first == 0 || !whole); j++)
                            te_conv_2d_s16_lay(p, image, which[j], group, from, last, TE_COPY, TE_CLEAR,
                                               windows + j * TE_TAPS);
                        w = TE_ADD(windows, w, last - from, count, from > 0, sums);
                    }
                    TE_OUTPUT(p, sums, bias, multiplier, shift, group * size + first, count, pixel, pixels,
                              out + batch * pixels * p->out_channels);
                }
            }
        }
    }
}

#undef TE_CONV_2D
#undef TE_PIXELS
#undef TE_BLOCK
#undef TE_TAPS
#undef TE_COPY
#undef TE_CLEAR
#undef TE_ADD
#undef TE_OUTPUT
