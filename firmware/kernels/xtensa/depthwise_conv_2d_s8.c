/* SPDX-License-Identifier: Apache-2.0 */
/* For Xtensa cores, which load bytes without a sign: the inputs of three to five pixels side by side are
   copied next to each other, 16 channels at a time and with the padding filled in, each as input + 128; then a sum needs
   no address but a constant one, and what neighbours share is loaded once.

   Weights are [out_channels, kernel_height, kernel_width]; the bias is less 128 * (sum of the channel's
   weights). All of these pixels are read while the first is written. */
#include "kernels/lx.h"
#include "kernels/requantize_high.h"
#include "kernels/unrolled.h"
#include "kernels/xtensa/depthwise_conv_2d.h"

#define TE_DEPTHWISE_CONV_2D_XTENSA_SIGNS 0x80808080u /* turned over, bytes are 128 more */

/* Input channels first to first + count - 1 of `columns` pixels of every row of the window, from column
 * `left` on. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_xtensa_gather(const te_depthwise_conv_2d *p, const int8_t *image, int32_t top,
                                      int32_t left, int32_t columns, int32_t first, int32_t count,
                                      uint32_t *strip) {
    enum { WORDS = TE_DEPTHWISE_CONV_2D_XTENSA_CHANNELS / 4 };
    const int whole = p->in_channels % 4 == 0;
    const uint32_t outside = (uint32_t)(p->in_zero_point + 128) * 0x01010101u;
    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        int32_t from = (row * p->in_width + left) * p->in_channels + first; /* in the image, if inside */
        const int row_inside = row >= 0 && row < p->in_height;
        for (int32_t x = left; x < left + columns; x++) {
            if (!row_inside || x < 0 || x >= p->in_width) {
                TE_UNROLLED
                for (int32_t i = 0; i < WORDS; i++)
                    strip[i] = outside;
            } else if (whole) {
                /* Activations start at multiples of 4 bytes. */
                const uint32_t *words = (const void *)(image + from);
                for (int32_t i = 0; i < count / 4; i++)
                    strip[i] = words[i] ^ TE_DEPTHWISE_CONV_2D_XTENSA_SIGNS;
            } else {
                uint8_t *bytes = (uint8_t *)strip;
                for (int32_t i = 0; i < count; i++)
                    bytes[i] = (uint8_t)image[from + i] ^ 0x80u;
            }
            from += p->in_channels;
            strip += WORDS;
        }
    }
}

/* Output channels of `count` input channels from `first` on, of `pixels` outputs from `to` on, of `many` that
   are computed; taps are `right` columns of the strip apart, windows `stride`. */
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_xtensa_sums(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_xtensa *laid,
                                    const uint8_t *strip, int32_t columns, const int8_t *weights,
                                    const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                    int32_t first, int32_t count, int32_t pixels, int8_t *to, int32_t many,
                                    int32_t height, int32_t width, int32_t right, int32_t stride) {
    enum { CHANNELS = TE_DEPTHWISE_CONV_2D_XTENSA_CHANNELS };
    int32_t channel = first * p->multiplier;
    const int8_t *w = weights + channel * height * width;
    for (int32_t i = 0; i < count; i++) {
        for (int32_t k = 0; k < p->multiplier; k++, channel++) {
            uint32_t sums[TE_DEPTHWISE_CONV_2D_XTENSA_MOST];
            TE_UNROLLED
            for (int32_t n = 0; n < many; n++)
                sums[n] = (uint32_t)bias[channel];
            const uint8_t *row = strip + i;
            for (int32_t ky = 0; ky < height; ky++) {
                for (int32_t kx = 0; kx < width; kx++) {
                    const uint32_t weight = (uint32_t)te_lx_byte(w++);
                    const uint8_t *tap = row + kx * right * CHANNELS;
                    TE_UNROLLED
                    for (int32_t n = 0; n < many; n++) {
                        sums[n] += tap[n * stride * CHANNELS] * weight;
                        TE_NOW(sums[n]);
                    }
                }
                row += columns * CHANNELS;
            }
            /* Copies, which no store of an output changes. */
            const int32_t c = channel * p->channel_step * (1 + laid->high);
            const int32_t constants[] = {multiplier[c], laid->high ? multiplier[c + 1] : 0};
            const int8_t by = shift[channel * p->channel_step];
            int8_t *at = to + channel;
            for (int32_t n = 0; n < pixels; n++) {
                const uint32_t sum = n == 0   ? sums[0]
                                     : n == 1 ? sums[1]
                                     : n == 2 ? sums[2]
                                     : n == 3 ? sums[many > 3 ? 3 : 0]
                                              : sums[many > 4 ? 4 : 0];
                *at = te_requantize_either_s8((int32_t)sum, constants, &by, 0, laid->high, p->out_zero_point,
                                              p->out_min, p->out_max);
                at += p->out_channels;
            }
        }
    }
}

/* Functions of their own: with the strip in their frame, what registers do not hold would lie too far from
   the stack pointer. Layers share them, and a compiler need not make one for each. */
#define TE_DEPTHWISE_CONV_2D_XTENSA_OF(name, many, height, width, right, stride)                             \
    static __attribute__((noinline, unused)) void name(                                                      \
        const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_xtensa *laid, const uint8_t *strip,        \
        int32_t columns, const int8_t *weights, const int32_t *bias, const int32_t *multiplier,              \
        const int8_t *shift, int32_t first, int32_t count, int32_t pixels, int8_t *to) {                     \
        te_depthwise_conv_2d_s8_xtensa_sums(p, laid, strip, columns, weights, bias, multiplier, shift,       \
                                            first, count, pixels, to, many, height, width, right, stride);   \
    }
TE_DEPTHWISE_CONV_2D_XTENSA_OF(te_depthwise_conv_2d_s8_xtensa_any, TE_DEPTHWISE_CONV_2D_XTENSA_PIXELS,
                               p->kernel_height, p->kernel_width, p->dilation_x, p->stride_x)
TE_DEPTHWISE_CONV_2D_XTENSA_OF(te_depthwise_conv_2d_s8_xtensa_three, 3, 3, 3, 1, 1)
TE_DEPTHWISE_CONV_2D_XTENSA_OF(te_depthwise_conv_2d_s8_xtensa_four, 4, 3, 3, 1, 1)
TE_DEPTHWISE_CONV_2D_XTENSA_OF(te_depthwise_conv_2d_s8_xtensa_five, 5, 3, 3, 1, 1)
TE_DEPTHWISE_CONV_2D_XTENSA_OF(te_depthwise_conv_2d_s8_xtensa_three_apart, 3, 3, 3, 1, 2)
TE_DEPTHWISE_CONV_2D_XTENSA_OF(te_depthwise_conv_2d_s8_xtensa_four_apart, 4, 3, 3, 1, 2)
TE_DEPTHWISE_CONV_2D_XTENSA_OF(te_depthwise_conv_2d_s8_xtensa_five_apart, 5, 3, 3, 1, 2)

/* The one of them that the layout names; not by a pointer to it, through which nobody knows the stack. */
#define TE_DEPTHWISE_CONV_2D_XTENSA_CALL(name)                                                               \
    te_depthwise_conv_2d_s8_xtensa_##name(p, laid, strip, columns, weights, bias, multiplier, shift, first,  \
                                          count, pixels, to)
static inline __attribute__((always_inline)) void
te_depthwise_conv_2d_s8_xtensa_of(const te_depthwise_conv_2d *p, const te_depthwise_conv_2d_xtensa *laid,
                                  const uint8_t *strip, int32_t columns, const int8_t *weights,
                                  const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                  int32_t first, int32_t count, int32_t pixels, int8_t *to) {
    if (laid->stride == 1 && laid->pixels == 3)
        TE_DEPTHWISE_CONV_2D_XTENSA_CALL(three);
    else if (laid->stride == 1 && laid->pixels == 4)
        TE_DEPTHWISE_CONV_2D_XTENSA_CALL(four);
    else if (laid->stride == 1)
        TE_DEPTHWISE_CONV_2D_XTENSA_CALL(five);
    else if (laid->stride == 2 && laid->pixels == 3)
        TE_DEPTHWISE_CONV_2D_XTENSA_CALL(three_apart);
    else if (laid->stride == 2 && laid->pixels == 4)
        TE_DEPTHWISE_CONV_2D_XTENSA_CALL(four_apart);
    else if (laid->stride == 2)
        TE_DEPTHWISE_CONV_2D_XTENSA_CALL(five_apart);
    else
        TE_DEPTHWISE_CONV_2D_XTENSA_CALL(any);
}

TE_KERNEL te_depthwise_conv_2d_s8_xtensa_fn te_depthwise_conv_2d_s8_xtensa;

TE_KERNEL void te_depthwise_conv_2d_s8_xtensa(const te_depthwise_conv_2d *restrict p,
                                              const te_depthwise_conv_2d_xtensa *restrict laid,
                                              const int8_t *in, const int8_t *weights, const int32_t *bias,
                                              const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    enum { CHANNELS = TE_DEPTHWISE_CONV_2D_XTENSA_CHANNELS };
    const int32_t columns = (laid->pixels - 1) * p->stride_x + (p->kernel_width - 1) * p->dilation_x + 1;
    const int32_t stretches = (p->out_width + laid->pixels - 1) / laid->pixels;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t j = 0; j < p->out_height; j++) {
            const int32_t y = te_turn(j, p->out_height, p->reverse);
            for (int32_t k = 0; k < stretches; k++) {
                const int32_t x = te_turn(k, stretches, p->reverse) * laid->pixels;
                int8_t *to = out + ((batch * p->out_height + y) * p->out_width + x) * p->out_channels;
                for (int32_t first = 0; first < p->in_channels; first += CHANNELS) {
                    const int32_t count = te_min(p->in_channels - first, CHANNELS);
                    uint32_t strip[TE_DEPTHWISE_CONV_2D_XTENSA_STRIP * CHANNELS / 4];
                    te_depthwise_conv_2d_s8_xtensa_gather(p, image, y * p->stride_y - p->pad_top,
                                                          x * p->stride_x - p->pad_left, columns, first,
                                                          count, strip);
                    te_depthwise_conv_2d_s8_xtensa_of(p, laid, (const uint8_t *)strip, columns, weights, bias,
                                                      multiplier, shift, first, count,
                                                      te_min(p->out_width - x, laid->pixels), to);
                }
            }
        }
    }
}
