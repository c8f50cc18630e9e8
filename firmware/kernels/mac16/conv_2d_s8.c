/* SPDX-License-Identifier: Apache-2.0 */
/* For Xtensa's MAC16 (mac16.h): windows of several pixels are widened, then a channel's weights once for
   all of them. Weights are [channels][fours][4], filled up with any bytes. All inputs of the pixels are
   read before one of them is written. */
#include "kernels/mac16/conv_2d.h"
#include "kernels/mac16/mac16.h"
#include "kernels/requantize_high.h"
#include "kernels/taps.h"

/* The inputs of the window of output pixel `pixel` of an image. */
static inline void te_conv_2d_s8_mac16_gather(const te_conv_2d *p, const int8_t *image, int32_t pixel,
                                              int8_t *window) {
    const int32_t top = pixel / p->out_width * p->stride_y - p->pad_top;
    const int32_t left = pixel % p->out_width * p->stride_x - p->pad_left;
    const int32_t depth = p->in_channels, width = p->kernel_width;
    const int8_t outside = (int8_t)p->in_zero_point;
    const te_taps inside = te_taps_inside(left, p->dilation_x, width, p->in_width);
    int8_t *to = window;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int here = row >= 0 && row < p->in_height;
        const te_taps taps = {here ? inside.first : width, here ? inside.last : width};
        const int32_t begin =
            taps.first < taps.last ? row * p->in_width + left + taps.first * p->dilation_x : 0;
        const int8_t *from = image + begin * depth;
        to = te_mac16_fill(to, outside, taps.first * depth);
        if (p->dilation_x == 1) {
            to = te_mac16_widen(to, from, (taps.last - taps.first) * depth);
        } else {
            for (int32_t kx = taps.first; kx < taps.last; kx++) {
                to = te_mac16_widen(to, from, depth);
                from += p->dilation_x * depth;
            }
        }
        to = te_mac16_fill(to, outside, (width - taps.last) * depth);
    }
}

TE_KERNEL te_conv_2d_s8_mac16_fn te_conv_2d_s8_mac16;

TE_KERNEL void te_conv_2d_s8_mac16(const te_conv_2d *restrict p, const te_conv_2d_mac16 *restrict laid,
                                   const int8_t *in, const int8_t *weights, const int32_t *bias,
                                   const int32_t *multiplier, const int8_t *shift, int8_t *out,
                                   int8_t *window) {
    const int32_t taps = p->kernel_height * p->kernel_width * p->in_channels;
    const int32_t fours = (taps + TE_MAC16_FOUR - 1) / TE_MAC16_FOUR;
    const int32_t size = fours * TE_MAC16_FOUR * TE_MAC16_ITEM + TE_MAC16_GAP;
    const int32_t pixels = p->out_height * p->out_width;
    int8_t *row = window + laid->pixels * size, *zeros = row + size;
    int32_t sums[TE_CONV_2D_MAC16_PIXELS], less[TE_CONV_2D_MAC16_PIXELS];

    memset(window, 0, (size_t)(laid->pixels * size));
    for (int32_t i = 0; i < fours * TE_MAC16_FOUR; i++)
        ((int16_t *)(void *)zeros)[i] = TE_MAC16_ZERO;
    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        int8_t *target = out + batch * pixels * p->out_channels;
        for (int32_t first = 0; first < pixels; first += laid->pixels) {
            const int32_t count = te_min(pixels - first, laid->pixels);
            for (int32_t i = 0; i < count; i++)
                te_conv_2d_s8_mac16_gather(p, image, te_turn(first + i, pixels, p->reverse),
                                           window + i * size);
            te_mac16_dots(window, zeros, fours, count, less);
            const int32_t step = p->reverse ? -p->out_channels : p->out_channels;
            int8_t *to = target + te_turn(first, pixels, p->reverse) * p->out_channels;
            for (int32_t channel = 0; channel < p->out_channels; channel++) {
                const int32_t c = channel * p->channel_step;
                te_mac16_unpack(weights + channel * fours * TE_MAC16_FOUR, fours, row);
                te_mac16_dots(window, row, fours, count, sums);
                for (int32_t i = 0; i < count; i++)
                    to[i * step + channel] =
                        te_requantize_either_s8(sums[i] - less[i] + bias[channel], multiplier, shift, c,
                                                laid->high, p->out_zero_point, p->out_min, p->out_max);
            }
        }
    }
}
