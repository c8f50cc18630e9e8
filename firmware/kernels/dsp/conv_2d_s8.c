/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: two output pixels by two channels, two products an instruction.

   The inputs of two pixels are widened to 16 bits, side by side as the taps of a channel are; a window of
   more than 504 taps goes in parts, for 32 channels at a time. Weights stay bytes: for every group, for every
   32 of its channels, for every part, for every two channels (a last one goes alone), for every 4 taps 4
   bytes of each channel, in the order 0, 2, 1, 3, so that SXTB16 makes neighbours of them
   (tinyedge/layout/dsp.py). */
#include <arm_acle.h>

#include "kernels/conv_2d.h"
#include "kernels/requantize_high.h"
#include "kernels/taps.h"
#include "kernels/unrolled.h"

enum {
    TE_CONV_2D_S8_DSP_TAPS = 504, /* of a pixel that the stack holds, 1008 bytes: LDRD adds up to 1020 */
    TE_CONV_2D_S8_DSP_FOUR = 4,
    TE_CONV_2D_S8_DSP_PIXELS = 2,
    TE_CONV_2D_S8_DSP_CHANNELS = 2,
    TE_CONV_2D_S8_DSP_BLOCK = 32 /* channels whose sums wait for the next part of a window */
};

/* Two pixels and their inputs, widened. */
typedef struct te_conv_2d_s8_dsp_pair {
    const int8_t *image;
    int32_t pixels[TE_CONV_2D_S8_DSP_PIXELS];
    _Alignas(4) int16_t wide[TE_CONV_2D_S8_DSP_PIXELS][TE_CONV_2D_S8_DSP_TAPS];
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

/* Where tap i goes: of every four, those that SXTB16 takes out together lie together. */
static inline int32_t te_conv_2d_s8_dsp_place(int32_t i) { return (i & ~3) | (i & 1) << 1 | (i >> 1 & 1); }

/* Stores two words at *to, which moves on by them. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_keep(void **to, uint32_t low,
                                                                         uint32_t high) {
    __asm__ volatile("strd %1, %2, [%0], #8" : "+&r"(*to) : "r"(low), "r"(high) : "memory");
}

/* Puts x[first] to x[last - 1] where the taps of these numbers belong. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_widen(int16_t *wide, const int8_t *x,
                                                                          int32_t first, int32_t last) {
    int32_t i = first;
    for (; i < last && i % TE_CONV_2D_S8_DSP_FOUR != 0; i++)
        wide[te_conv_2d_s8_dsp_place(i)] = x[i];
    const int8_t *four = x + i;
    void *to = wide + i;
    TE_UNROLLED_BY_4
    for (; i + TE_CONV_2D_S8_DSP_FOUR <= last; i += TE_CONV_2D_S8_DSP_FOUR) {
        const uint32_t word = te_conv_2d_s8_dsp_word(four);
        four += TE_CONV_2D_S8_DSP_FOUR;
        te_conv_2d_s8_dsp_keep(&to, (uint32_t)te_conv_2d_s8_dsp_even(word),
                               (uint32_t)te_conv_2d_s8_dsp_odd(word));
    }
    for (; i < last; i++)
        wide[te_conv_2d_s8_dsp_place(i)] = x[i];
}

/* Fills fours up to the one that tap `last` - 1 is in, from the one on that tap `first` is in. */
static inline void te_conv_2d_s8_dsp_fill(int16_t *wide, int32_t value, int32_t first, int32_t last) {
    const uint32_t both = (uint32_t)value << 16 | (uint16_t)value;
    void *to = wide + first / TE_CONV_2D_S8_DSP_FOUR * TE_CONV_2D_S8_DSP_FOUR;
    TE_ROLLED
    for (int32_t i = first / TE_CONV_2D_S8_DSP_FOUR * TE_CONV_2D_S8_DSP_FOUR; i < last;
         i += TE_CONV_2D_S8_DSP_FOUR)
        te_conv_2d_s8_dsp_keep(&to, both, both);
}

/* Inputs from to `to` - 1 of a group's window at output `pixel`, in the order of its weights. */
TE_KERNEL void te_conv_2d_s8_dsp_gather(const te_conv_2d *p, const int8_t *image, int32_t pixel,
                                        int32_t group, int32_t from, int32_t to, int16_t *wide) {
    const int32_t depth = p->in_channels / p->groups;
    const int32_t line = p->kernel_width * depth;
    const int32_t step = p->dilation_y * p->in_width * p->in_channels;
    const int32_t top = pixel / p->out_width * p->stride_y - p->pad_top;
    const int32_t left = pixel % p->out_width * p->stride_x - p->pad_left;
    const int parted = to - from < p->kernel_height * line;
    const te_taps rows = te_taps_inside(top, p->dilation_y, p->kernel_height, p->in_height);
    const te_taps columns = te_taps_inside(left, p->dilation_x, p->kernel_width, p->in_width);
    const int32_t inside = columns.last - columns.first;
    const int32_t run = p->dilation_x == 1 && p->groups == 1 ? inside : 1;
    const int8_t *const row = image + (top * p->in_width + left) * p->in_channels + group * depth;

    if (rows.last - rows.first < p->kernel_height || inside < p->kernel_width)
        te_conv_2d_s8_dsp_fill(wide, p->in_zero_point, 0, to - from);
    else if ((to - from) % TE_CONV_2D_S8_DSP_FOUR != 0)
        te_conv_2d_s8_dsp_fill(wide, 0, to - from, to - from + 1);
    for (int32_t ky = rows.first; ky < rows.last; ky++) {
        for (int32_t kx = columns.first; kx < columns.last; kx += run) {
            const int32_t start = ky * line + kx * depth;
            const int32_t first = parted ? te_max(start, from) : start;
            const int32_t last = parted ? te_min(start + run * depth, to) : start + run * depth;
            const int8_t *x = row + ky * step + kx * p->dilation_x * p->in_channels - start;
            te_conv_2d_s8_dsp_widen(wide, x + from, first - from, last - from);
        }
    }
}

/* Where the next four taps of two pixels and of the weights are, and the sums of two channels at the two. */
typedef struct te_conv_2d_s8_dsp_state {
    const int16_t *x;
    const int8_t *weights;
    int32_t sums[TE_CONV_2D_S8_DSP_CHANNELS][TE_CONV_2D_S8_DSP_PIXELS];
} te_conv_2d_s8_dsp_state;

/* Four taps of two channels: 16 products in 15 instructions and 13 of the 14 registers, which compilers do
   not find. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_two(te_conv_2d_s8_dsp_state *s) {
    uint32_t a0, a1, b0, b1, even, odd, next;
    __asm__ volatile(
        "ldrd %[b0], %[b1], [%[x], %[beside]]\n\t"
        "ldrd %[a0], %[a1], [%[x]], #8\n\t"
        "ldrd %[odd], %[next], [%[w]], #8\n\t"
        "sxtb16 %[even], %[odd]\n\t"
        "sxtb16 %[odd], %[odd], ror #8\n\t"
        "smlad %[s00], %[even], %[a0], %[s00]\n\t"
        "smlad %[s01], %[even], %[b0], %[s01]\n\t"
        "smlad %[s00], %[odd], %[a1], %[s00]\n\t"
        "smlad %[s01], %[odd], %[b1], %[s01]\n\t"
        "sxtb16 %[even], %[next]\n\t"
        "sxtb16 %[odd], %[next], ror #8\n\t"
        "smlad %[s10], %[even], %[a0], %[s10]\n\t"
        "smlad %[s11], %[even], %[b0], %[s11]\n\t"
        "smlad %[s10], %[odd], %[a1], %[s10]\n\t"
        "smlad %[s11], %[odd], %[b1], %[s11]"
        : [x] "+&r"(s->x), [w] "+&r"(s->weights), [s00] "+&r"(s->sums[0][0]), [s01] "+&r"(s->sums[0][1]),
          [s10] "+&r"(s->sums[1][0]), [s11] "+&r"(s->sums[1][1]), [a0] "=&r"(a0), [a1] "=&r"(a1),
          [b0] "=&r"(b0), [b1] "=&r"(b1), [even] "=&r"(even), [odd] "=&r"(odd), [next] "=&r"(next)
        : [beside] "i"(TE_CONV_2D_S8_DSP_TAPS * 2)
        : "memory");
}

static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_one(te_conv_2d_s8_dsp_state *s) {
    const uint32_t word = te_conv_2d_s8_dsp_word(s->weights);
    const int16x2_t even = te_conv_2d_s8_dsp_even(word), odd = te_conv_2d_s8_dsp_odd(word);
    TE_UNROLLED
    for (int32_t i = 0; i < TE_CONV_2D_S8_DSP_PIXELS; i++) {
        const int16_t *x = s->x + i * TE_CONV_2D_S8_DSP_TAPS;
        s->sums[0][i] = __smlad(even, (int16x2_t)te_conv_2d_s8_dsp_word(x), s->sums[0][i]);
        s->sums[0][i] = __smlad(odd, (int16x2_t)te_conv_2d_s8_dsp_word(x + 2), s->sums[0][i]);
    }
    s->x += TE_CONV_2D_S8_DSP_FOUR;
    s->weights += TE_CONV_2D_S8_DSP_FOUR;
}

/* Adds the products of `taps` taps to the sums of `count` channels, each two for the two pixels; gives the
   next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_dsp_add(const te_conv_2d_s8_dsp_pair *pair, int32_t taps, const int8_t *weights, int32_t count,
                      const int32_t *bias, int32_t *kept) {
    te_conv_2d_s8_dsp_state state = {pair->wide[0], weights, {{0}}};
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_S8_DSP_PIXELS; i++)
            state.sums[c][i] = bias ? bias[c] : kept[2 * c + i];
    }
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < taps; i += TE_CONV_2D_S8_DSP_FOUR) {
        if (count == TE_CONV_2D_S8_DSP_CHANNELS)
            te_conv_2d_s8_dsp_two(&state);
        else
            te_conv_2d_s8_dsp_one(&state);
    }
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_S8_DSP_PIXELS; i++)
            kept[2 * c + i] = state.sums[c][i];
    }
    return state.weights;
}

/* Sums of `count` channels and two pixels become outputs. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_dsp_store(const te_conv_2d *p, const te_conv_2d_s8_dsp_pair *pair, const int32_t *kept,
                        const int32_t *multiplier, const int8_t *shift, int32_t channel, int32_t count,
                        int8_t *out) {
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        const int32_t which = (channel + c) * p->channel_step;
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_S8_DSP_PIXELS; i++)
            out[pair->pixels[i] * p->out_channels + channel + c] =
                te_requantize_either_s8(kept[2 * c + i], multiplier, shift, which, p->high, p->out_zero_point,
                                        p->out_min, p->out_max);
    }
}

static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_read(const te_conv_2d *p,
                                                                         te_conv_2d_s8_dsp_pair *pair,
                                                                         int32_t group, int32_t from,
                                                                         int32_t to) {
    TE_ROLLED
    for (int32_t i = 0; i < TE_CONV_2D_S8_DSP_PIXELS; i++)
        te_conv_2d_s8_dsp_gather(p, pair->image, pair->pixels[i], group, from, to, pair->wide[i]);
}

TE_KERNEL te_conv_2d_s8_fn te_conv_2d_s8_dsp;

TE_KERNEL void te_conv_2d_s8_dsp(const te_conv_2d *p, const int8_t *in, const int8_t *weights,
                                 const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                 int8_t *out) {
    enum { CHANNELS = TE_CONV_2D_S8_DSP_CHANNELS, BLOCK = TE_CONV_2D_S8_DSP_BLOCK };
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t group_size = p->out_channels / p->groups;
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int whole = taps <= TE_CONV_2D_S8_DSP_TAPS;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        int8_t *target = out + batch * pixels * p->out_channels;
        te_conv_2d_s8_dsp_pair pair;
        pair.image = in + batch * p->in_height * p->in_width * p->in_channels;
        for (int32_t pixel = 0; pixel < pixels; pixel += TE_CONV_2D_S8_DSP_PIXELS) {
            const int8_t *w = weights;
            /* An odd last pixel is computed twice, and written twice. */
            pair.pixels[0] = te_turn(pixel, pixels, p->reverse);
            pair.pixels[1] = te_turn(te_min(pixel + 1, pixels - 1), pixels, p->reverse);
            for (int32_t group = 0; group < p->groups; group++) {
                const int32_t end = (group + 1) * group_size;
                if (whole)
                    te_conv_2d_s8_dsp_read(p, &pair, group, 0, taps);
                for (int32_t first = group * group_size; first < end; first += BLOCK) {
                    const int32_t last = te_min(first + BLOCK, end);
                    int32_t kept[BLOCK * TE_CONV_2D_S8_DSP_PIXELS];
                    for (int32_t from = 0; from < taps; from += TE_CONV_2D_S8_DSP_TAPS) {
                        const int32_t to = te_min(from + TE_CONV_2D_S8_DSP_TAPS, taps);
                        if (!whole)
                            te_conv_2d_s8_dsp_read(p, &pair, group, from, to);
                        for (int32_t c = first; c < last; c += CHANNELS) {
                            const int32_t *start = from ? NULL : bias + c;
                            int32_t *sums = whole ? kept : kept + (c - first) * TE_CONV_2D_S8_DSP_PIXELS;
                            const int two = c + CHANNELS <= last;
                            if (two)
                                w = te_conv_2d_s8_dsp_add(&pair, to - from, w, CHANNELS, start, sums);
                            else
                                w = te_conv_2d_s8_dsp_add(&pair, to - from, w, 1, start, sums);
                            if (to == taps && two)
                                te_conv_2d_s8_dsp_store(p, &pair, sums, multiplier, shift, c, CHANNELS,
                                                        target);
                            else if (to == taps)
                                te_conv_2d_s8_dsp_store(p, &pair, sums, multiplier, shift, c, 1, target);
                        }
                    }
                }
            }
        }
    }
}
