/* SPDX-License-Identifier: Apache-2.0 */
/* te_transpose_conv for any type of activation and sum; included once for each kernel, with
     TE_TRANSPOSE_CONV  the kernel's name
     TE_KIND(name)  name_s8, name_s16 or name_s16_narrow, and whatever else is to be pasted to it
     TE_ELEMENT     type of an activation
     TE_SUM         type of the bias and of a sum
     TE_DOT(a, b, count)                    sum of products
     TE_TAP_PARAMETER, TE_TAP_BIAS(i)       parameter before the bias, and what tap i adds
     TE_SCALE(sum, multiplier, shift)       requantisation */
#include "kernels/transpose_conv.h"

enum { TE_KIND(TE_TRANSPOSED, _BLOCK) = 16 }; /* channels whose sums wait for the next tap */

TE_KERNEL TE_KIND(te_transpose_conv, _fn) TE_TRANSPOSE_CONV;

TE_KERNEL void TE_TRANSPOSE_CONV(const te_transpose_conv *p, const TE_ELEMENT *in, const int8_t *weights,
                                 TE_TAP_PARAMETER const TE_SUM *bias, const int32_t *multiplier,
                                 const int8_t *shift, TE_ELEMENT *out) {
    const int32_t depth = p->in_channels, taps = p->kernel_height * p->kernel_width;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const TE_ELEMENT *image = in + batch * p->in_height * p->in_width * depth;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            const int32_t top = y + p->pad_top;
            for (int32_t k = 0; k < p->out_width; k++) {
                const int32_t x = te_turn(k, p->out_width, p->reverse);
                const int32_t left = x + p->pad_left;
                TE_ELEMENT *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->out_channels;
                for (int32_t first = 0; first < p->out_channels; first += TE_KIND(TE_TRANSPOSED, _BLOCK)) {
                    const int32_t count = te_min(p->out_channels - first, TE_KIND(TE_TRANSPOSED, _BLOCK));
                    TE_SUM sums[TE_KIND(TE_TRANSPOSED, _BLOCK)];
                    for (int32_t c = 0; c < count; c++)
                        sums[c] = bias[first + c];
                    /* Every stride-th tap meets an input; later taps meet earlier ones. */
                    for (int32_t ky = top % p->stride_y; ky < p->kernel_height && ky <= top;
                         ky += p->stride_y) {
                        const int32_t row = (top - ky) / p->stride_y;
                        if (row >= p->in_height)
                            continue;
                        for (int32_t kx = left % p->stride_x; kx < p->kernel_width && kx <= left;
                             kx += p->stride_x) {
                            const int32_t column = (left - kx) / p->stride_x;
                            if (column >= p->in_width)
                                continue;
                            const TE_ELEMENT *const from = image + (row * p->in_width + column) * depth;
                            int32_t tap = (first * p->kernel_height + ky) * p->kernel_width + kx;
                            TE_ROLLED
                            for (int32_t c = 0; c < count; c++, tap += taps)
                                sums[c] += TE_DOT(from, weights + tap * depth, depth) + TE_TAP_BIAS(tap);
                        }
                    }
                    for (int32_t i = 0; i < count; i++) {
                        const int32_t c = (first + i) * p->channel_step;
                        const int32_t scaled = TE_SCALE(sums[i], multiplier[c], shift[c]) + p->out_zero_point;
                        *to++ = (TE_ELEMENT)te_clamp(scaled, p->out_min, p->out_max);
                    }
                }
            }
        }
    }
}

#undef TE_TRANSPOSE_CONV
#undef TE_KIND
#undef TE_ELEMENT
#undef TE_SUM
#undef TE_DOT
#undef TE_TAP_PARAMETER
#undef TE_TAP_BIAS
#undef TE_SCALE
