/* SPDX-License-Identifier: Apache-2.0 */
/* For Xtensa cores, which load bytes without a sign: two output pixels for one multiplication, as in scalar/.

   The inputs a and b of two pixels are packed as X = a + b * 2^16, and a sum of four products X * weight
   holds both pixels' sums as long as the lower one stays within 16 bits; where four weights could exceed
   that, the layout (tinyedge/plan/layout/xtensa.py) takes the largest out and lists it apart. Weights come as
   u = weight + 128, one load each, and 128 * (the four X) is taken off again: modulo 2^32, in which the sum
   of four is exact, that needs no room. It is the same for all channels, so it comes with the inputs.

   Weights are a stream. For every group and every 2 of its channels (an odd last one comes alone): for every
   4 taps, the 4 u of each channel; then the number of weights apart (u16) and two bytes of nothing; then for
   each the byte offset of its X among the inputs (u16), its channel within the block times 4 (u8) and itself
   (s8). */
#include "kernels/requantize_high.h"
#include "kernels/unrolled.h"
#include "kernels/xtensa/conv_2d.h"

enum { TE_CONV_2D_XTENSA_HALF = 0x8000 };

/* A weight apart; before the first of a block, `at` is how many there are. */
typedef struct te_conv_2d_s8_xtensa_apart {
    uint16_t at;
    uint8_t channel;
    int8_t weight;
} te_conv_2d_s8_xtensa_apart;

/* Where the window of an output pixel begins. */
typedef struct te_conv_2d_s8_xtensa_place {
    int32_t top, left;
} te_conv_2d_s8_xtensa_place;

static inline te_conv_2d_s8_xtensa_place te_conv_2d_s8_xtensa_locate(const te_conv_2d *p, int32_t pixel) {
    const te_conv_2d_s8_xtensa_place place = {pixel / p->out_width * p->stride_y - p->pad_top,
                                              pixel % p->out_width * p->stride_x - p->pad_left};
    return place;
}

/* The taps of a window, packed one after the other: `tap` of them are in `words`. */
typedef struct te_conv_2d_s8_xtensa_taps {
    uint32_t *words;
    int32_t tap;
} te_conv_2d_s8_xtensa_taps;

static inline void te_conv_2d_s8_xtensa_pack(te_conv_2d_s8_xtensa_taps *taps, const int8_t *a, int32_t a_step,
                                             const int8_t *b, int32_t b_step, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        *taps->words++ = (uint32_t)a[i * a_step] + ((uint32_t)b[i * b_step] << 16);
        /* Behind every four there is room for what their sum starts from. */
        if (++taps->tap % TE_CONV_2D_XTENSA_FOUR == 0)
            taps->words++;
    }
}

/* The inputs of the windows at a and b, in the order of the weights of a group. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_xtensa_gather(const te_conv_2d *p, const int8_t *image, te_conv_2d_s8_xtensa_place a,
                            te_conv_2d_s8_xtensa_place b, int32_t group, uint32_t *words) {
    const int32_t depth = p->in_channels / p->groups;
    const int8_t outside = (int8_t)p->in_zero_point;
    const int8_t nothing = 0;
    te_conv_2d_s8_xtensa_taps taps = {words, 0};

    for (int32_t ky = 0; ky < p->kernel_height; ky++) {
        const int32_t a_row = a.top + ky * p->dilation_y, b_row = b.top + ky * p->dilation_y;
        const int a_inside = a_row >= 0 && a_row < p->in_height;
        const int b_inside = b_row >= 0 && b_row < p->in_height;
        /* From the image, which a pointer must not leave. */
        const int32_t a_from = (a_row * p->in_width + a.left) * p->in_channels + group * depth;
        const int32_t b_from = (b_row * p->in_width + b.left) * p->in_channels + group * depth;
        for (int32_t kx = 0; kx < p->kernel_width; kx++) {
            const int32_t right = kx * p->dilation_x;
            const int a_here = a_inside && a.left + right >= 0 && a.left + right < p->in_width;
            const int b_here = b_inside && b.left + right >= 0 && b.left + right < p->in_width;
            te_conv_2d_s8_xtensa_pack(&taps, a_here ? image + (a_from + right * p->in_channels) : &outside,
                                      a_here, b_here ? image + (b_from + right * p->in_channels) : &outside,
                                      b_here, depth);
        }
    }
    while (taps.tap % TE_CONV_2D_XTENSA_FOUR != 0)
        te_conv_2d_s8_xtensa_pack(&taps, &nothing, 0, &nothing, 0, 1);
    /* The lower half of a sum is not negative then, and borrows nothing from the upper one. */
    for (uint32_t *at = words; at != taps.words; at += TE_CONV_2D_XTENSA_WORDS)
        at[4] = TE_CONV_2D_XTENSA_HALF - 128u * (at[0] + at[1] + at[2] + at[3]);
}

/* Sums of `count` channels, first those of pixel a, then those of pixel b; gives the stream's next block.

   What is summed up is the packed word and its upper half: the lower half follows in the end, modulo 2^32. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_xtensa_sums(const uint32_t *words, int32_t fours, const int8_t *weights, const int32_t *bias,
                          int32_t count, int32_t *sums) {
    uint32_t packed[TE_CONV_2D_XTENSA_BLOCK];
    uint32_t upper[TE_CONV_2D_XTENSA_BLOCK];
    const uint8_t *u = (const uint8_t *)weights;
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++)
        packed[c] = upper[c] = 0;
    const uint32_t *end = words + fours * TE_CONV_2D_XTENSA_WORDS;
    for (const uint32_t *at = words; at != end; at += TE_CONV_2D_XTENSA_WORDS) {
        const uint32_t x[] = {at[0], at[1], at[2], at[3]};
        const uint32_t start = at[4];
        TE_UNROLLED
        for (int32_t c = 0; c < count; c++) {
            uint32_t both = start;
            TE_UNROLLED
            for (int32_t i = 0; i < TE_CONV_2D_XTENSA_FOUR; i++) {
                both += x[i] * u[c * TE_CONV_2D_XTENSA_FOUR + i];
                TE_NOW(both);
            }
            packed[c] += both;
            upper[c] += (uint32_t)((int32_t)both >> 16);
            TE_FINISH(packed[c], upper[c]);
        }
        u += count * TE_CONV_2D_XTENSA_FOUR;
    }
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        const uint32_t lower = packed[c] - (upper[c] << 16) - (uint32_t)fours * TE_CONV_2D_XTENSA_HALF;
        sums[c] = (int32_t)(lower + (uint32_t)bias[c]);
        sums[count + c] = (int32_t)(upper[c] + (uint32_t)bias[c]);
    }
    const te_conv_2d_s8_xtensa_apart *apart = (const void *)u;
    const te_conv_2d_s8_xtensa_apart *last = apart + apart->at;
    while (apart != last) {
        apart++;
        const int32_t pair = *(const int32_t *)(const void *)((const int8_t *)words + apart->at);
        const int32_t lower = (int16_t)pair;
        int32_t *sum = (int32_t *)(void *)((int8_t *)sums + apart->channel);
        sum[0] += lower * apart->weight;
        sum[count] += ((pair - lower) >> 16) * apart->weight;
    }
    return (const int8_t *)(last + 1);
}

static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_xtensa_block(const te_conv_2d *p, const te_conv_2d_xtensa *laid, const uint32_t *words,
                           int32_t fours, const int8_t *weights, const int32_t *bias,
                           const int32_t *multiplier, const int8_t *shift, int32_t channel, int32_t count,
                           int8_t *a, int8_t *b) {
    int32_t sums[2 * TE_CONV_2D_XTENSA_BLOCK];
    weights = te_conv_2d_s8_xtensa_sums(words, fours, weights, bias + channel, count, sums);
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++) {
        const int32_t c = (channel + i) * p->channel_step;
        a[channel + i] = te_requantize_either_s8(sums[i], multiplier, shift, c, laid->high, p->out_zero_point,
                                                 p->out_min, p->out_max);
        b[channel + i] = te_requantize_either_s8(sums[count + i], multiplier, shift, c, laid->high,
                                                 p->out_zero_point, p->out_min, p->out_max);
    }
    return weights;
}

/* Channels `c` to `end` - 1 of two pixels; gives the rest of the stream. A function of its own: with the
   words in its frame, what registers do not hold would lie too far from the stack pointer for one load. */
static __attribute__((noinline)) const int8_t *
te_conv_2d_s8_xtensa_channels(const te_conv_2d *p, const te_conv_2d_xtensa *laid, const uint32_t *words,
                              int32_t fours, const int8_t *weights, const int32_t *bias,
                              const int32_t *multiplier, const int8_t *shift, int32_t c, int32_t end,
                              int8_t *a, int8_t *b) {
    enum { BLOCK = TE_CONV_2D_XTENSA_BLOCK };
    for (; c + BLOCK <= end; c += BLOCK)
        weights = te_conv_2d_s8_xtensa_block(p, laid, words, fours, weights, bias, multiplier, shift, c,
                                             BLOCK, a, b);
    if (c < end)
        weights =
            te_conv_2d_s8_xtensa_block(p, laid, words, fours, weights, bias, multiplier, shift, c, 1, a, b);
    return weights;
}

TE_KERNEL te_conv_2d_s8_xtensa_fn te_conv_2d_s8_xtensa;

TE_KERNEL void te_conv_2d_s8_xtensa(const te_conv_2d *restrict p, const te_conv_2d_xtensa *restrict laid,
                                    const int8_t *in, const int8_t *weights, const int32_t *bias,
                                    const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    enum { WORDS = TE_CONV_2D_XTENSA_WORDS };
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t group_size = p->out_channels / p->groups;
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t fours = (taps + TE_CONV_2D_XTENSA_FOUR - 1) / TE_CONV_2D_XTENSA_FOUR;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        const int8_t *image = in + batch * p->in_height * p->in_width * p->in_channels;
        int8_t *target = out + batch * pixels * p->out_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
            /* An odd last pixel is computed twice, and written twice. Both are read before one is written. */
            const int32_t first = te_turn(pixel, pixels, p->reverse);
            const int32_t second = te_turn(te_min(pixel + 1, pixels - 1), pixels, p->reverse);
            const te_conv_2d_s8_xtensa_place a = te_conv_2d_s8_xtensa_locate(p, first);
            const te_conv_2d_s8_xtensa_place b = te_conv_2d_s8_xtensa_locate(p, second);
            int8_t *a_to = target + first * p->out_channels, *b_to = target + second * p->out_channels;
            uint32_t words[TE_CONV_2D_XTENSA_FOURS * WORDS];
            for (int32_t group = 0; group < p->groups; group++)
                te_conv_2d_s8_xtensa_gather(p, image, a, b, group, words + group * fours * WORDS);
            const int8_t *stream = weights;
            for (int32_t group = 0; group < p->groups; group++)
                stream = te_conv_2d_s8_xtensa_channels(p, laid, words + group * fours * WORDS, fours, stream,
                                                       bias, multiplier, shift, group * group_size,
                                                       (group + 1) * group_size, a_to, b_to);
        }
    }
}
