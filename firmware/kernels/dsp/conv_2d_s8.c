/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: two output pixels by two channels, two products an instruction.

   The inputs of two pixels are widened to 16 bits, side by side as the taps of a channel are; a window of
   more than 504 taps goes in parts, for 32 channels at a time. Weights stay bytes: for every group, for every
   32 of its channels, for every part, for every two channels (a last one goes alone), for every 4 taps 4
   bytes of each channel, in the order 0, 2, 1, 3, so that SXTB16 makes neighbours of them
   (tinyedge/plan/layout/dsp.py). */
#include <arm_acle.h>

#include "kernels/dsp/conv_2d.h"
#include "kernels/requantize_high.h"
#include "kernels/taps.h"
#include "kernels/unrolled.h"

_Static_assert(TE_CONV_2D_DSP_TAPS % 8 == 0, "what fills a window goes in steps of 8 taps");

/* Two pixels and their inputs, widened. */
typedef struct te_conv_2d_s8_dsp_pair {
    const int8_t *image;
    int32_t pixels[TE_CONV_2D_DSP_PIXELS];
    _Alignas(4) int16_t wide[TE_CONV_2D_DSP_PIXELS][TE_CONV_2D_DSP_TAPS];
} te_conv_2d_s8_dsp_pair;

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

/* Stores two words at *to, which moves on by them. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_keep(void **to, uint32_t low,
                                                                         uint32_t high) {
    __asm__ volatile("strd %1, %2, [%0], #8" : "+&r"(*to) : "r"(low), "r"(high) : "memory");
}

/* Widens `count` bytes, filled up to a multiple of four, which may lie in the second half of what they
 * become. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_widen(int16_t *wide, const int8_t *bytes,
                                                                          int32_t count) {
    void *to = wide;
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i += TE_CONV_2D_DSP_FOUR) {
        const uint32_t word = te_conv_2d_s8_dsp_word(bytes + i);
        te_conv_2d_s8_dsp_keep(&to, (uint32_t)te_conv_2d_s8_dsp_even(word),
                               (uint32_t)te_conv_2d_s8_dsp_odd(word));
    }
}

static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_copy(int8_t *to, const int8_t *from,
                                                                         int32_t count) {
    int32_t i = 0;
    for (; i + TE_CONV_2D_DSP_FOUR <= count; i += TE_CONV_2D_DSP_FOUR) {
        const uint32_t word = te_conv_2d_s8_dsp_word(from + i);
        memcpy(to + i, &word, sizeof word);
    }
    for (; i < count; i++)
        to[i] = from[i];
}

/* Inputs from to `to` - 1 of a group's window at output `pixel`, in the order of its weights. Where runs of
   them are whole words, they are widened as they come; else bytes are collected first. */
TE_KERNEL void te_conv_2d_s8_dsp_gather(const te_conv_2d *restrict p, const int8_t *image, int32_t pixel,
                                        int32_t group, int32_t from, int32_t to, int16_t *wide) {
    const int32_t depth = p->in_channels / p->groups;
    const int words = depth % TE_CONV_2D_DSP_FOUR == 0;
    const int32_t line = p->kernel_width * depth;
    const int32_t step = p->dilation_y * p->in_width * p->in_channels;
    const int32_t top = pixel / p->out_width * p->stride_y - p->pad_top;
    const int32_t left = pixel % p->out_width * p->stride_x - p->pad_left;
    const int parted = to - from < p->kernel_height * line;
    const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
    const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
    const int32_t inside = columns.last - columns.first;
    const int32_t run = p->dilation_x == 1 && p->groups == 1 ? inside : 1;
    /* From the image, which a pointer must not leave. */
    const int32_t row = (top * p->in_width + left) * p->in_channels + group * depth;
    int8_t *const bytes = (int8_t *)wide + (words ? 0 : TE_CONV_2D_DSP_TAPS);

    if (rows.last - rows.first < p->kernel_height || inside < p->kernel_width) {
        const uint32_t outside =
            words ? (uint16_t)p->in_zero_point * 0x10001u : (uint8_t)p->in_zero_point * 0x1010101u;
        void *at = bytes;
        /* Two stores of words a turn: where their number is odd, the last has room, too. */
        TE_ROLLED
        for (int32_t i = 0; i < to - from; i += 8) {
            te_conv_2d_s8_dsp_keep(&at, outside, outside);
            if (words)
                te_conv_2d_s8_dsp_keep(&at, outside, outside);
        }
    } else if (!words) {
        memset(bytes + to - from, 0, (size_t)(from - to) % TE_CONV_2D_DSP_FOUR);
    }
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        const int all = run == p->kernel_width && !parted;
        for (int32_t kx = all ? 0 : columns.first; kx < columns.last; kx += all ? p->kernel_width : run) {
            const int32_t start = ky * line + kx * depth;
            const int32_t first = parted ? te_max(start, from) : start;
            const int32_t end = start + (all ? line : run * depth);
            const int32_t count = (parted ? te_min(end, to) : end) - first;
            const int8_t *x = image + (row + ky * step + kx * p->dilation_x * p->in_channels + first - start);
            if (words)
                te_conv_2d_s8_dsp_widen(wide + first - from, x, count);
            else if (all)
                te_conv_2d_s8_dsp_copy(bytes + first - from, x, line);
            else
                te_conv_2d_s8_dsp_copy(bytes + first - from, x, count);
        }
    }
    if (!words)
        te_conv_2d_s8_dsp_widen(wide, bytes, to - from);
}

/* Where the next four taps of two pixels and of the weights are, and the sums of two channels at the two. */
typedef struct te_conv_2d_s8_dsp_state {
    const int16_t *x;
    const int8_t *weights;
    int32_t sums[TE_CONV_2D_DSP_CHANNELS][TE_CONV_2D_DSP_PIXELS];
} te_conv_2d_s8_dsp_state;

/* clang-format off */
/* Four taps of two channels: 16 products in 15 instructions and 13 of the 14 registers, which compilers do not
   find. */
#define TE_CONV_2D_DSP_STEP                       \
    "ldrd %[b0], %[b1], [%[x], %[beside]]\n\t"    \
    "ldrd %[a0], %[a1], [%[x]], #8\n\t"           \
    "ldrd %[odd], %[next], [%[w]], #8\n\t"        \
    "sxtb16 %[even], %[odd]\n\t"                  \
    "sxtb16 %[odd], %[odd], ror #8\n\t"           \
    "smlad %[s00], %[even], %[a0], %[s00]\n\t"    \
    "smlad %[s01], %[even], %[b0], %[s01]\n\t"    \
    "smlad %[s00], %[odd], %[a1], %[s00]\n\t"     \
    "smlad %[s01], %[odd], %[b1], %[s01]\n\t"     \
    "sxtb16 %[even], %[next]\n\t"                 \
    "sxtb16 %[odd], %[next], ror #8\n\t"          \
    "smlad %[s10], %[even], %[a0], %[s10]\n\t"    \
    "smlad %[s11], %[even], %[b0], %[s11]\n\t"    \
    "smlad %[s10], %[odd], %[a1], %[s10]\n\t"     \
    "smlad %[s11], %[odd], %[b1], %[s11]\n\t"
/* clang-format on */

/* `fours` times four taps of two channels. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_two(te_conv_2d_s8_dsp_state *s,
                                                                        int32_t fours) {
    const int16_t *const end = s->x + fours * TE_CONV_2D_DSP_FOUR;
    uint32_t a0, a1, b0, b1, even, odd, next;
    for (int32_t i = fours % 4; i > 0; i--)
        __asm__ volatile(
            TE_CONV_2D_DSP_STEP
            : [x] "+&r"(s->x), [w] "+&r"(s->weights), [s00] "+&r"(s->sums[0][0]), [s01] "+&r"(s->sums[0][1]),
              [s10] "+&r"(s->sums[1][0]), [s11] "+&r"(s->sums[1][1]), [a0] "=&r"(a0), [a1] "=&r"(a1),
              [b0] "=&r"(b0), [b1] "=&r"(b1), [even] "=&r"(even), [odd] "=&r"(odd), [next] "=&r"(next)
            : [beside] "i"(TE_CONV_2D_DSP_TAPS * 2)
            : "memory");
    if (fours >= 4)
        __asm__ volatile(
            "1:\n\t" TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP TE_CONV_2D_DSP_STEP
            "ldr %[even], %[end]\n\t"
            "cmp %[even], %[x]\n\t"
            "bne 1b"
            : [x] "+&r"(s->x), [w] "+&r"(s->weights), [s00] "+&r"(s->sums[0][0]), [s01] "+&r"(s->sums[0][1]),
              [s10] "+&r"(s->sums[1][0]), [s11] "+&r"(s->sums[1][1]), [a0] "=&r"(a0), [a1] "=&r"(a1),
              [b0] "=&r"(b0), [b1] "=&r"(b1), [even] "=&r"(even), [odd] "=&r"(odd), [next] "=&r"(next)
            : [beside] "i"(TE_CONV_2D_DSP_TAPS * 2), [end] "m"(end)
            : "cc", "memory");
}

static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_one(te_conv_2d_s8_dsp_state *s) {
    const uint32_t word = te_conv_2d_s8_dsp_word(s->weights);
    const int16x2_t even = te_conv_2d_s8_dsp_even(word), odd = te_conv_2d_s8_dsp_odd(word);
    TE_UNROLLED
    for (int32_t i = 0; i < TE_CONV_2D_DSP_PIXELS; i++) {
        const int16_t *x = s->x + i * TE_CONV_2D_DSP_TAPS;
        s->sums[0][i] = __smlad(even, (int16x2_t)te_conv_2d_s8_dsp_word(x), s->sums[0][i]);
        s->sums[0][i] = __smlad(odd, (int16x2_t)te_conv_2d_s8_dsp_word(x + 2), s->sums[0][i]);
    }
    s->x += TE_CONV_2D_DSP_FOUR;
    s->weights += TE_CONV_2D_DSP_FOUR;
}

/* Adds the products of `taps` taps to the sums of `count` channels, each two for the two pixels; gives the
   next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_dsp_add(const te_conv_2d_s8_dsp_pair *pair, int32_t taps, const int8_t *weights, int32_t count,
                      const int32_t *bias, int begin, int32_t *kept) {
    te_conv_2d_s8_dsp_state state = {pair->wide[0], weights, {{0}}};
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_DSP_PIXELS; i++)
            state.sums[c][i] = begin ? bias[c] : kept[2 * c + i];
    }
    const int32_t fours = (taps + TE_CONV_2D_DSP_FOUR - 1) / TE_CONV_2D_DSP_FOUR;
    if (count == TE_CONV_2D_DSP_CHANNELS)
        te_conv_2d_s8_dsp_two(&state, fours);
    else
        for (int32_t i = 0; i < fours; i++)
            te_conv_2d_s8_dsp_one(&state);
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_DSP_PIXELS; i++)
            kept[2 * c + i] = state.sums[c][i];
    }
    return state.weights;
}

static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_read(const te_conv_2d *p,
                                                                         te_conv_2d_s8_dsp_pair *pair,
                                                                         int32_t group, int32_t from,
                                                                         int32_t to) {
    TE_ROLLED
    for (int32_t i = 0; i < TE_CONV_2D_DSP_PIXELS; i++)
        te_conv_2d_s8_dsp_gather(p, pair->image, pair->pixels[i], group, from, to, pair->wide[i]);
}

/* A channel: its constants, and its outputs at two pixels. */
typedef struct te_conv_2d_s8_dsp_channel {
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    int8_t *to[TE_CONV_2D_DSP_PIXELS];
} te_conv_2d_s8_dsp_channel;

static inline te_conv_2d_s8_dsp_channel te_conv_2d_s8_dsp_later(const te_conv_2d *p,
                                                                const te_conv_2d_dsp *laid,
                                                                te_conv_2d_s8_dsp_channel at, int32_t count) {
    const int32_t constants = count * p->channel_step;
    const te_conv_2d_s8_dsp_channel later = {at.bias + count,
                                             at.multiplier + constants * (1 + laid->high),
                                             at.shift + constants,
                                             {at.to[0] + count, at.to[1] + count}};
    return later;
}

/* `count` channels' sums become outputs. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_dsp_store(const te_conv_2d *p, const te_conv_2d_dsp *laid, const te_conv_2d_s8_dsp_channel *at,
                        const int32_t *kept, int32_t count) {
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_DSP_PIXELS; i++)
            at->to[i][c] =
                te_requantize_either_s8(kept[2 * c + i], at->multiplier, at->shift, c * p->channel_step,
                                        laid->high, p->out_zero_point, p->out_min, p->out_max);
    }
}

/* Up to 32 channels of a group at two pixels; gives the weights of the next. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_dsp_block(const te_conv_2d *p, const te_conv_2d_dsp *laid, te_conv_2d_s8_dsp_pair *pair,
                        int32_t group, te_conv_2d_s8_dsp_channel start, int32_t count,
                        const int8_t *weights) {
    enum { TWO = TE_CONV_2D_DSP_CHANNELS };
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int whole = taps <= TE_CONV_2D_DSP_TAPS;
    int32_t kept[TE_CONV_2D_DSP_BLOCK * TE_CONV_2D_DSP_PIXELS];
    for (int32_t from = 0; from < taps; from += TE_CONV_2D_DSP_TAPS) {
        const int32_t to = te_min(from + TE_CONV_2D_DSP_TAPS, taps);
        te_conv_2d_s8_dsp_channel at = start;
        int32_t *sums = kept;
        if (!whole)
            te_conv_2d_s8_dsp_read(p, pair, group, from, to);
        int32_t c = 0;
        for (; c + TWO <= count; c += TWO) {
            weights = te_conv_2d_s8_dsp_add(pair, to - from, weights, TWO, at.bias, from == 0, sums);
            if (to == taps)
                te_conv_2d_s8_dsp_store(p, laid, &at, sums, TWO);
            sums += whole ? 0 : TWO * TE_CONV_2D_DSP_PIXELS;
            at = te_conv_2d_s8_dsp_later(p, laid, at, TWO);
        }
        if (c < count) {
            weights = te_conv_2d_s8_dsp_add(pair, to - from, weights, 1, at.bias, from == 0, sums);
            if (to == taps)
                te_conv_2d_s8_dsp_store(p, laid, &at, sums, 1);
        }
    }
    return weights;
}

TE_KERNEL te_conv_2d_s8_dsp_fn te_conv_2d_s8_dsp;

TE_KERNEL void te_conv_2d_s8_dsp(const te_conv_2d *restrict p, const te_conv_2d_dsp *restrict laid,
                                 const int8_t *in, const int8_t *weights, const int32_t *bias,
                                 const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t group_size = p->out_channels / p->groups;
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        int8_t *target = out + batch * pixels * p->out_channels;
        te_conv_2d_s8_dsp_pair pair;
        pair.image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += TE_CONV_2D_DSP_PIXELS) {
            /* An odd last pixel is computed twice, and written twice. */
            pair.pixels[0] = te_turn(pixel, pixels, p->reverse);
            pair.pixels[1] = te_turn(te_min(pixel + 1, pixels - 1), pixels, p->reverse);
            te_conv_2d_s8_dsp_channel at = {
                bias,
                multiplier,
                shift,
                {target + pair.pixels[0] * p->out_channels, target + pair.pixels[1] * p->out_channels}};
            const int8_t *w = weights;
            for (int32_t group = 0; group < p->groups; group++) {
                if (taps <= TE_CONV_2D_DSP_TAPS)
                    te_conv_2d_s8_dsp_read(p, &pair, group, 0, taps);
                for (int32_t c = 0; c < group_size; c += TE_CONV_2D_DSP_BLOCK) {
                    const int32_t count = te_min(group_size - c, TE_CONV_2D_DSP_BLOCK);
                    w = te_conv_2d_s8_dsp_block(p, laid, &pair, group, at, count, w);
                    at = te_conv_2d_s8_dsp_later(p, laid, at, count);
                }
            }
        }
    }
}
