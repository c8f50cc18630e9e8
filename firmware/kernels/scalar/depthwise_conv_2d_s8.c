/* SPDX-License-Identifier: Apache-2.0 */
/* For cores without vectors: what three pixels side by side share is loaded once, and all addresses but one
   are constant. Where windows reach beyond the input, they are copied next to each other, 16 channels at a
   time and with the padding filled in.

   Weights are [out_channels, kernel_height, kernel_width]. Three pixels are read while the first is written.
 */
#include "kernels/requantize_high.h"
#include "kernels/scalar/depthwise_conv_2d.h"
#include "kernels/unrolled.h"

#define TE_SUMS te_depthwise_sums_s8
#define TE_ELEMENT int8_t
#include "kernels/scalar/depthwise_sums.h"

enum {
    TE_DEPTHWISE_CONV_2D_SCALAR_MANY = 16, /* channels of a small window */
    TE_DEPTHWISE_CONV_2D_SCALAR_FEW = 4    /* of a large one */
};

/* How many channels' windows, of `columns` columns, the stack holds. */
static inline int32_t te_depthwise_conv_2d_s8_scalar_channels(const te_depthwise_conv_2d *p,
                                                              int32_t columns) {
    const int32_t room = TE_DEPTHWISE_CONV_2D_SCALAR_STRIP / (p->kernel_height * columns);
    return room >= TE_DEPTHWISE_CONV_2D_SCALAR_MANY  ? TE_DEPTHWISE_CONV_2D_SCALAR_MANY
           : room >= TE_DEPTHWISE_CONV_2D_SCALAR_FEW ? TE_DEPTHWISE_CONV_2D_SCALAR_FEW
                                                     : 1;
}

/* Up to 16 bytes to a multiple of four, from one, too, if `words`; without the call that compilers would make
   of a plain loop. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_scalar_copy(int8_t *to, const int8_t *from, int32_t count, int words) {
    if (words && count == TE_DEPTHWISE_CONV_2D_SCALAR_MANY) {
        memcpy(__builtin_assume_aligned(to, 4), __builtin_assume_aligned(from, 4),
               TE_DEPTHWISE_CONV_2D_SCALAR_MANY);
        return;
    }
    for (; count >= 4; count -= 4) {
        if (words)
            memcpy(__builtin_assume_aligned(to, 4), __builtin_assume_aligned(from, 4), 4);
        else
            memcpy(to, from, 4);
        to += 4;
        from += 4;
        TE_NOW(from);
    }
    for (int32_t i = 0; i < count && !words; i++) {
        to[i] = from[i];
        TE_NOW(from);
    }
}

/* Input channels first to first + count - 1 of `columns` pixels of every row of the window, from column
 * `left` on. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_scalar_gather(const te_depthwise_conv_2d *p, const int8_t *image, int32_t top,
                                      int32_t left, int32_t columns, int32_t first, int32_t count,
                                      int8_t *strip) {
    const int32_t channels = te_depthwise_conv_2d_s8_scalar_channels(p, columns);
    const int words = p->in_channels % 4 == 0 && channels % 4 == 0;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int8_t *from = te_beside_s8(image, (row * p->in_width + left) * p->in_channels + first);
        const int row_inside = row >= 0 && row < p->in_height;
        for (int32_t x = left; x < left + columns; x++) {
            if (!row_inside || x < 0 || x >= p->in_width) {
                if (channels == TE_DEPTHWISE_CONV_2D_SCALAR_MANY)
                    memset(__builtin_assume_aligned(strip, 4), p->in_zero_point,
                           TE_DEPTHWISE_CONV_2D_SCALAR_MANY);
                else
                    for (int32_t i = 0; i < channels; i++)
                        strip[i] = (int8_t)p->in_zero_point;
            } else {
                te_depthwise_conv_2d_s8_scalar_copy(strip, from, count, words);
            }
            from += p->in_channels;
            strip += channels;
        }
    }
}

static inline int8_t te_depthwise_conv_2d_s8_scalar_scaled(const te_depthwise_conv_2d *p,
                                                           const te_depthwise_conv_2d_scalar *laid,
                                                           int32_t sum, const int32_t *multiplier,
                                                           const int8_t *shift, int32_t channel) {
    return te_requantize_line_s8(sum, multiplier, shift, channel * p->channel_step, laid->high, laid->lines,
                                 laid->line_left, laid->line_right, p->out_zero_point, p->out_min,
                                 p->out_max);
}

/* Input channels first to first + count - 1 of `pixels` outputs from `to` on; the first of the inputs is at
   `x`, rows of taps are `row` and columns of the input `column` bytes apart. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_scalar_pixels(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_scalar *laid,
                                      const int8_t *x, int32_t row, int32_t column, const int8_t *weights,
                                      const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                      int32_t first, int32_t count, int32_t pixels, int8_t *to) {
    const int32_t end = (first + count) * p->multiplier;
    const int8_t *w = weights + first * p->multiplier * p->kernel_height * p->kernel_width;
    for (int32_t channel = first * p->multiplier; channel < end; channel++) {
        int32_t sums[TE_DEPTHWISE_CONV_2D_SCALAR_PIXELS];
        TE_UNROLLED
        for (int32_t i = 0; i < pixels; i++)
            sums[i] = te_line_bias(bias, channel, laid->lines);
        te_depthwise_sums_s8(x + channel / p->multiplier - first, row, p->dilation_x * column,
                             p->stride_x * column, w, p->kernel_width, p->kernel_height, p->kernel_width,
                             pixels, sums);
        w += p->kernel_height * p->kernel_width;
        TE_UNROLLED
        for (int32_t i = 0; i < pixels; i++)
            to[i * p->out_channels + channel] =
                te_depthwise_conv_2d_s8_scalar_scaled(p, laid, sums[i], multiplier, shift, channel);
    }
}

TE_KERNEL te_depthwise_conv_2d_s8_scalar_fn te_depthwise_conv_2d_s8_scalar;

TE_KERNEL void te_depthwise_conv_2d_s8_scalar(const te_depthwise_conv_2d *restrict p,
                                              const te_depthwise_conv_2d_scalar *restrict laid,
                                              const int8_t *in, const int8_t *weights, const int32_t *bias,
                                              const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    enum { PIXELS = TE_DEPTHWISE_CONV_2D_SCALAR_PIXELS };
    const int32_t columns = (PIXELS - 1) * p->stride_x + (p->kernel_width - 1) * p->dilation_x + 1;
    const int32_t channels = te_depthwise_conv_2d_s8_scalar_channels(p, columns);
    const int32_t line = columns * channels;
    /* Copying costs little where it goes by words. */
    const int words = p->in_channels % 4 == 0;
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
                const int32_t top = y * p->stride_y - p->pad_top, left = x * p->stride_x - p->pad_left;
                const int three = triple + 1 < triples || rest == PIXELS;
                if (three && !words && top >= 0 &&
                    top + (p->kernel_height - 1) * p->dilation_y < p->in_height && left >= 0 &&
                    left + columns <= p->in_width) {
                    te_depthwise_conv_2d_s8_scalar_pixels(
                        p, laid, image + (top * p->in_width + left) * p->in_channels,
                        p->dilation_y * p->in_width * p->in_channels, p->in_channels, weights, bias,
                        multiplier, shift, 0, p->in_channels, PIXELS, to);
                    continue;
                }
                for (int32_t first = 0; first < p->in_channels; first += channels) {
                    const int32_t count = te_min(p->in_channels - first, channels);
                    _Alignas(4) int8_t strip[TE_DEPTHWISE_CONV_2D_SCALAR_STRIP];
                    te_depthwise_conv_2d_s8_scalar_gather(p, image, top, left, columns, first, count, strip);
                    if (three)
                        te_depthwise_conv_2d_s8_scalar_pixels(p, laid, strip, line, channels, weights, bias,
                                                              multiplier, shift, first, count, PIXELS, to);
                    else if (rest == 2)
                        te_depthwise_conv_2d_s8_scalar_pixels(p, laid, strip, line, channels, weights, bias,
                                                              multiplier, shift, first, count, 2, to);
                    else
                        te_depthwise_conv_2d_s8_scalar_pixels(p, laid, strip, line, channels, weights, bias,
                                                              multiplier, shift, first, count, 1, to);
                }
            }
        }
    }
}
