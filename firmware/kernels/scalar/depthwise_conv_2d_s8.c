/* SPDX-License-Identifier: Apache-2.0 */
/* For cores without vectors: the inputs of three pixels side by side are copied next to each other, 16
   channels at a time and with the padding filled in; then a sum needs no address but a constant one, and what
   neighbours share is loaded once.

   Weights are [out_channels, kernel_height, kernel_width]. Three pixels are read while the first is written.
 */
#include "kernels/depthwise_conv_2d.h"
#include "kernels/requantize_high.h"
#include "kernels/unrolled.h"

enum {
    TE_DEPTHWISE_CONV_2D_S8_SCALAR_PIXELS = 3, /* the layout knows these three, too */
    TE_DEPTHWISE_CONV_2D_S8_SCALAR_CHANNELS = 16,
    TE_DEPTHWISE_CONV_2D_S8_SCALAR_STRIP = 128, /* pixels of input that the stack holds */
};

/* Input channels first to first + count - 1 of `columns` pixels of every row of the window, from column
 * `left` on. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_scalar_gather(const te_depthwise_conv_2d *p, const int8_t *image, int32_t top,
                                      int32_t left, int32_t columns, int32_t first, int32_t count,
                                      int8_t *strip) {
    const int whole = p->in_channels % 4 == 0;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int8_t *from = image + (row * p->in_width + left) * p->in_channels + first;
        const int row_inside = row >= 0 && row < p->in_height;
        for (int32_t x = left; x < left + columns; x++) {
            if (!row_inside || x < 0 || x >= p->in_width) {
                memset(__builtin_assume_aligned(strip, 4), p->in_zero_point,
                       TE_DEPTHWISE_CONV_2D_S8_SCALAR_CHANNELS);
            } else if (whole) {
                /* Activations start at multiples of 4 bytes. */
                const uint32_t *words = __builtin_assume_aligned(from, 4);
                uint32_t *to = __builtin_assume_aligned(strip, 4);
                for (int32_t i = 0; i < count / 4; i++)
                    memcpy(to + i, words + i, 4);
            } else {
                for (int32_t i = 0; i < count; i++)
                    strip[i] = from[i];
            }
            from += p->in_channels;
            strip += TE_DEPTHWISE_CONV_2D_S8_SCALAR_CHANNELS;
        }
    }
}

static inline int8_t te_depthwise_conv_2d_s8_scalar_scaled(const te_depthwise_conv_2d *p, int32_t sum,
                                                           const int32_t *multiplier, const int8_t *shift,
                                                           int32_t channel) {
    return te_requantize_either_s8(sum, multiplier, shift, channel * p->channel_step, p->high,
                                   p->out_zero_point, p->out_min, p->out_max);
}

/* Input channels first to first + count - 1 of `pixels` outputs from `to` on. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_scalar_pixels(const te_depthwise_conv_2d *p, const int8_t *strip, int32_t columns,
                                      const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                      const int8_t *shift, int32_t first, int32_t count, int32_t pixels,
                                      int8_t *to) {
    const int32_t end = (first + count) * p->multiplier;
    const int8_t *w = weights + first * p->multiplier * p->kernel_height * p->kernel_width;
    for (int32_t channel = first * p->multiplier; channel < end; channel++) {
        const int8_t *at = strip + channel / p->multiplier - first;
        int32_t sums[TE_DEPTHWISE_CONV_2D_S8_SCALAR_PIXELS];
        TE_UNROLLED
        for (int32_t i = 0; i < pixels; i++)
            sums[i] = bias[channel];
        for (int32_t ky = 0; ky < p->kernel_height; ky++) {
            for (int32_t kx = 0; kx < p->kernel_width; kx++) {
                const int8_t *tap =
                    at + (ky * columns + kx * p->dilation_x) * TE_DEPTHWISE_CONV_2D_S8_SCALAR_CHANNELS;
                const int32_t weight = *w++;
                TE_UNROLLED
                for (int32_t i = 0; i < pixels; i++) {
                    sums[i] += tap[i * p->stride_x * TE_DEPTHWISE_CONV_2D_S8_SCALAR_CHANNELS] * weight;
                    TE_NOW(sums[i]);
                }
            }
        }
        TE_UNROLLED
        for (int32_t i = 0; i < pixels; i++)
            to[i * p->out_channels + channel] =
                te_depthwise_conv_2d_s8_scalar_scaled(p, sums[i], multiplier, shift, channel);
    }
}

TE_KERNEL te_depthwise_conv_2d_s8_fn te_depthwise_conv_2d_s8_scalar;

TE_KERNEL void te_depthwise_conv_2d_s8_scalar(const te_depthwise_conv_2d *p, const int8_t *in,
                                              const int8_t *weights, const int32_t *bias,
                                              const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    enum {
        PIXELS = TE_DEPTHWISE_CONV_2D_S8_SCALAR_PIXELS,
        CHANNELS = TE_DEPTHWISE_CONV_2D_S8_SCALAR_CHANNELS
    };
    const int32_t columns = (PIXELS - 1) * p->stride_x + (p->kernel_width - 1) * p->dilation_x + 1;
    const int32_t triples = (p->out_width + PIXELS - 1) / PIXELS;
    const int32_t rest = p->out_width - (triples - 1) * PIXELS;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            for (int32_t k = 0; k < triples; k++) {
                const int32_t triple = te_turn(k, triples, p->reverse);
                const int32_t x = triple * PIXELS;
                int8_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->out_channels;
                for (int32_t first = 0; first < p->in_channels; first += CHANNELS) {
                    const int32_t count = te_min(p->in_channels - first, CHANNELS);
                    _Alignas(4) int8_t strip[TE_DEPTHWISE_CONV_2D_S8_SCALAR_STRIP * CHANNELS];
                    te_depthwise_conv_2d_s8_scalar_gather(p, image, y * p->stride_y - p->pad_top,
                                                          x * p->stride_x - p->pad_left, columns, first,
                                                          count, strip);
                    if (triple + 1 < triples || rest == PIXELS)
                        te_depthwise_conv_2d_s8_scalar_pixels(p, strip, columns, weights, bias, multiplier,
                                                              shift, first, count, PIXELS, to);
                    else if (rest == 2)
                        te_depthwise_conv_2d_s8_scalar_pixels(p, strip, columns, weights, bias, multiplier,
                                                              shift, first, count, 2, to);
                    else
                        te_depthwise_conv_2d_s8_scalar_pixels(p, strip, columns, weights, bias, multiplier,
                                                              shift, first, count, 1, to);
                }
            }
        }
    }
}
