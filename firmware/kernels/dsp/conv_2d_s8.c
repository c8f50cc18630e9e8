/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: two output pixels by two channels, two products an instruction.

   The inputs of two pixels are widened to 16 bits, side by side as the taps of a channel are. Weights stay
   bytes: for every group and every two of its channels (a last one goes alone), for every 4 taps 4 bytes of
   each channel, in the order 0, 2, 1, 3, so that SXTB16 makes neighbours of them (tinyedge/layout/dsp.py). */
#include <arm_acle.h>

#include "kernels/conv_2d.h"
#include "kernels/requantize_high.h"
#include "kernels/unrolled.h"

enum {
    TE_CONV_2D_S8_DSP_TAPS = 640, /* of a pixel that the stack holds; the layout knows it, too */
    TE_CONV_2D_S8_DSP_FOUR = 4,
    TE_CONV_2D_S8_DSP_PIXELS = 2,
    TE_CONV_2D_S8_DSP_CHANNELS = 2
};

/* Any address, as the core allows. */
static inline uint32_t te_conv_2d_s8_dsp_word(const void *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* Bytes 0 and 2 of a word, or 1 and 3, as two numbers of 16 bits. */
static inline int16x2_t te_conv_2d_s8_dsp_even(uint32_t word) { return __sxtb16((int8x4_t)word); }

static inline int16x2_t te_conv_2d_s8_dsp_odd(uint32_t word) {
    return __sxtb16((int8x4_t)(word >> 8 | word << 24));
}

/* Two words from a multiple of 4: one instruction. */
static inline uint64_t te_conv_2d_s8_dsp_words(const void *from) {
    uint64_t words;
    memcpy(&words, __builtin_assume_aligned(from, 4), sizeof words);
    return words;
}

static inline void te_conv_2d_s8_dsp_widen(int16_t *to, const int8_t *from, int32_t count) {
    int32_t i = 0;
    for (; i + TE_CONV_2D_S8_DSP_FOUR <= count; i += TE_CONV_2D_S8_DSP_FOUR) {
        const uint32_t word = te_conv_2d_s8_dsp_word(from + i);
        const uint32_t even = (uint32_t)te_conv_2d_s8_dsp_even(word),
                       odd = (uint32_t)te_conv_2d_s8_dsp_odd(word);
        const uint32_t low = (even & 0xFFFFu) | odd << 16, high = even >> 16 | (odd & 0xFFFF0000u);
        memcpy(to + i, &low, sizeof low);
        memcpy(to + i + 2, &high, sizeof high);
    }
    for (; i < count; i++)
        to[i] = from[i];
}

/* The inputs of the window of output `pixel`, in the order of the weights of a group. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_gather(const te_conv_2d *p,
                                                                           const int8_t *image, int32_t pixel,
                                                                           int32_t group, int16_t *to) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t top = pixel / p->out_width * p->stride_y - p->pad_top;
    const int32_t left = pixel % p->out_width * p->stride_x - p->pad_left;
    const int whole = left >= 0 && left + (p->kernel_width - 1) * p->dilation_x < p->in_width;
    const int side_by_side = p->dilation_x == 1 && p->groups == 1;
    int32_t count = 0;

    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t row = top + ky * p->dilation_y;
        const int inside = row >= 0 && row < p->in_height;
        const int8_t *from = image + (row * p->in_width + left) * p->in_channels + group * depth;
        if (whole && side_by_side && inside) {
            te_conv_2d_s8_dsp_widen(to + count, from, p->kernel_width * depth);
            count += p->kernel_width * depth;
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t right = kx * p->dilation_x;
            if (inside && left + right >= 0 && left + right < p->in_width) {
                te_conv_2d_s8_dsp_widen(to + count, from + right * p->in_channels, depth);
            } else {
                for (int32_t i = 0; i < depth; i++)
                    to[count + i] = p->in_zero_point;
            }
            count += depth;
        }
    }
    for (; count % TE_CONV_2D_S8_DSP_FOUR != 0; count++)
        to[count] = 0;
}

static inline int8_t te_conv_2d_s8_dsp_scaled(const te_conv_2d *p, int32_t sum, const int32_t *multiplier,
                                              const int8_t *shift, int32_t channel) {
    return te_requantize_either_s8(sum, multiplier, shift, channel * p->channel_step, p->high,
                                   p->out_zero_point, p->out_min, p->out_max);
}

/* `count` channels of the pixels whose inputs begin at a and b; gives the next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_dsp_block(const te_conv_2d *p, const int16_t *a, const int16_t *b, int32_t fours,
                        const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                        const int8_t *shift, int32_t channel, int32_t count, int8_t *to_a, int8_t *to_b) {
    int32_t sums[TE_CONV_2D_S8_DSP_CHANNELS][TE_CONV_2D_S8_DSP_PIXELS];
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++)
        sums[c][0] = sums[c][1] = bias[channel + c];
    for (int32_t i = 0; i < fours; i++) {
        const uint64_t of_a = te_conv_2d_s8_dsp_words(a), of_b = te_conv_2d_s8_dsp_words(b);
        TE_UNROLLED
        for (int32_t c = 0; c < count; c++) {
            const uint32_t word = te_conv_2d_s8_dsp_word(weights + c * TE_CONV_2D_S8_DSP_FOUR);
            const int16x2_t low = te_conv_2d_s8_dsp_even(word), high = te_conv_2d_s8_dsp_odd(word);
            sums[c][0] = __smlad(low, (int16x2_t)(uint32_t)of_a, sums[c][0]);
            sums[c][1] = __smlad(low, (int16x2_t)(uint32_t)of_b, sums[c][1]);
            sums[c][0] = __smlad(high, (int16x2_t)(of_a >> 32), sums[c][0]);
            sums[c][1] = __smlad(high, (int16x2_t)(of_b >> 32), sums[c][1]);
        }
        a += TE_CONV_2D_S8_DSP_FOUR;
        b += TE_CONV_2D_S8_DSP_FOUR;
        weights += count * TE_CONV_2D_S8_DSP_FOUR;
    }
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        to_a[channel + c] = te_conv_2d_s8_dsp_scaled(p, sums[c][0], multiplier, shift, channel + c);
        to_b[channel + c] = te_conv_2d_s8_dsp_scaled(p, sums[c][1], multiplier, shift, channel + c);
    }
    return weights;
}

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_dsp;

TE_KERNEL void te_conv_2d_s8_dsp(const te_conv_2d *p, const int8_t *in, const int8_t *weights,
                                 const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                 int8_t *out) {
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t group_size = p->out_channels / p->groups;
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t fours = (taps + TE_CONV_2D_S8_DSP_FOUR - 1) / TE_CONV_2D_S8_DSP_FOUR;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        int8_t *target = out + batch * pixels * p->out_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += TE_CONV_2D_S8_DSP_PIXELS) {
            /* An odd last pixel is computed twice, and written twice. Both are read before one is written. */
            const int32_t first = te_turn(pixel, pixels, p->reverse);
            const int32_t second = te_turn(te_min(pixel + 1, pixels - 1), pixels, p->reverse);
            _Alignas(4) int16_t wide[TE_CONV_2D_S8_DSP_PIXELS][TE_CONV_2D_S8_DSP_TAPS];
            for (int32_t group = 0; group < p->groups; group++) {
                te_conv_2d_s8_dsp_gather(p, image, first, group,
                                         wide[0] + group * fours * TE_CONV_2D_S8_DSP_FOUR);
                te_conv_2d_s8_dsp_gather(p, image, second, group,
                                         wide[1] + group * fours * TE_CONV_2D_S8_DSP_FOUR);
            }
            const int8_t *w = weights;
            for (int32_t group = 0; group < p->groups; group++) {
                const int16_t *a = wide[0] + group * fours * TE_CONV_2D_S8_DSP_FOUR;
                const int16_t *b = wide[1] + group * fours * TE_CONV_2D_S8_DSP_FOUR;
                int8_t *to_a = target + first * p->out_channels, *to_b = target + second * p->out_channels;
                const int32_t end = (group + 1) * group_size;
                int32_t c = group * group_size;
                for (; c + TE_CONV_2D_S8_DSP_CHANNELS <= end; c += TE_CONV_2D_S8_DSP_CHANNELS)
                    w = te_conv_2d_s8_dsp_block(p, a, b, fours, w, bias, multiplier, shift, c,
                                                TE_CONV_2D_S8_DSP_CHANNELS, to_a, to_b);
                if (c < end)
                    w = te_conv_2d_s8_dsp_block(p, a, b, fours, w, bias, multiplier, shift, c, 1, to_a, to_b);
            }
        }
    }
}
