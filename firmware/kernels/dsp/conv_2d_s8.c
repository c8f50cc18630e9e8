/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: three output pixels by two channels, two products an instruction.

   The inputs of three pixels are widened to 16 bits, by SXTB16 and so taps 0, 2, 1, 3 of every four; a window
   of more than 288 taps goes in parts, for 32 channels at a time. Weights stay bytes: for every group, for
   every 32 of its channels, for every part, for every two channels, for every 4 taps 8 bytes, which are taps
   0 and 2, then 1 and 3, of both channels in turn; of a last channel alone 4 bytes, as the taps are
   (tinyedge/plan/layout/dsp.py). */
#include <arm_acle.h>

#include "kernels/dsp/triple.h"
#include "kernels/requantize_high.h"
#include "kernels/taps.h"
#include "kernels/unrolled.h"

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

/* Stores two words at *to, which moves on by them; STRD would take a cycle more. */
static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_keep(void **to, uint32_t low,
                                                                         uint32_t high) {
    __asm__ volatile("str %2, [%0, #4]\n\tstr %1, [%0], #8" : "+&r"(*to) : "r"(low), "r"(high) : "memory");
}

/* Widens `count` bytes, filled up to a multiple of four, which may lie in the second half of what they
 * become. */
static __attribute__((noinline)) void te_conv_2d_s8_dsp_widen(int16_t *wide, const int8_t *bytes,
                                                              int32_t count) {
    void *to = wide;
    int32_t i = 0;
    TE_UNROLLED_BY_4
    for (; i + TE_CONV_2D_DSP_FOUR < count; i += 2 * TE_CONV_2D_DSP_FOUR) {
        /* A load behind a load takes one cycle. */
        const uint32_t word = te_conv_2d_s8_dsp_word(bytes + i);
        const uint32_t next = te_conv_2d_s8_dsp_word(bytes + i + TE_CONV_2D_DSP_FOUR);
        te_conv_2d_s8_dsp_keep(&to, (uint32_t)te_conv_2d_s8_dsp_even(word),
                               (uint32_t)te_conv_2d_s8_dsp_odd(word));
        te_conv_2d_s8_dsp_keep(&to, (uint32_t)te_conv_2d_s8_dsp_even(next),
                               (uint32_t)te_conv_2d_s8_dsp_odd(next));
    }
    if (i < count) {
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
    int8_t *const bytes = (int8_t *)wide + (words ? 0 : (to - from + 3) / 4 * 4);

    if (words && p->groups == 1 && p->kernel_height == 1 && p->kernel_width == 1 && p->stride_y == 1 &&
        p->stride_x == 1 && p->pad_top == 0 && p->pad_left == 0 && p->in_width == p->out_width &&
        p->in_height == p->out_height) {
        te_conv_2d_s8_dsp_widen(wide, image + pixel * p->in_channels + from, to - from);
        return;
    }

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

static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_one(te_conv_2d_s8_dsp_state *s) {
    const uint32_t word = te_conv_2d_s8_dsp_word(s->weights);
    const int16x2_t even = te_conv_2d_s8_dsp_even(word), odd = te_conv_2d_s8_dsp_odd(word);
    TE_UNROLLED
    for (int32_t i = 0; i < TE_CONV_2D_DSP_TRIPLE; i++) {
        const int16_t *x = s->x + i * TE_CONV_2D_DSP_REACH;
        s->sums[0][i] = __smlad(even, (int16x2_t)te_conv_2d_s8_dsp_word(x), s->sums[0][i]);
        s->sums[0][i] = __smlad(odd, (int16x2_t)te_conv_2d_s8_dsp_word(x + 2), s->sums[0][i]);
    }
    s->x += TE_CONV_2D_DSP_FOUR;
    s->weights += TE_CONV_2D_DSP_FOUR;
}

/* Where the inputs of the first pixel begin that `taps` taps need. */
static inline int16_t *te_conv_2d_s8_dsp_first(te_conv_2d_s8_dsp_triple *triple, int32_t taps) {
    return triple->wide[0] + TE_CONV_2D_DSP_REACH -
           (taps + TE_CONV_2D_DSP_FOUR - 1) / TE_CONV_2D_DSP_FOUR * TE_CONV_2D_DSP_FOUR;
}

static inline __attribute__((always_inline)) void te_conv_2d_s8_dsp_read(const te_conv_2d *p,
                                                                         te_conv_2d_s8_dsp_triple *triple,
                                                                         int32_t group, int32_t from,
                                                                         int32_t to) {
    TE_ROLLED
    for (int32_t i = 0; i < TE_CONV_2D_DSP_TRIPLE; i++)
        te_conv_2d_s8_dsp_gather(p, triple->image, triple->pixels[i], group, from, to,
                                 te_conv_2d_s8_dsp_first(triple, to - from) + i * TE_CONV_2D_DSP_REACH);
}

/* Adds the products of `taps` taps to the sums of `count` channels, each three for the pixels; gives the next
   channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_dsp_add(te_conv_2d_s8_dsp_triple *triple, int32_t taps, const int8_t *weights, int32_t count,
                      const int32_t *bias, int begin, int32_t *kept) {
    te_conv_2d_s8_dsp_state state = {te_conv_2d_s8_dsp_first(triple, taps), weights, {{0}}};
    TE_UNROLLED
    for (int32_t c = 0; c < TE_CONV_2D_DSP_CHANNELS; c++) {
        const int32_t channel = te_min(c, count - 1);
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_DSP_TRIPLE; i++)
            state.sums[c][i] = begin ? bias[channel] : kept[TE_CONV_2D_DSP_TRIPLE * c + i];
    }
    const int32_t fours = (taps + TE_CONV_2D_DSP_FOUR - 1) / TE_CONV_2D_DSP_FOUR;
    if (count == TE_CONV_2D_DSP_CHANNELS)
        te_conv_2d_s8_dsp_two(&state, fours);
    else
        for (int32_t i = 0; i < fours; i++)
            te_conv_2d_s8_dsp_one(&state);
    TE_UNROLLED
    for (int32_t c = 0; c < TE_CONV_2D_DSP_CHANNELS; c++) {
        TE_UNROLLED
        for (int32_t i = 0; i < TE_CONV_2D_DSP_TRIPLE; i++)
            kept[TE_CONV_2D_DSP_TRIPLE * c + i] = state.sums[c][i];
    }
    return state.weights;
}

static inline te_conv_2d_s8_dsp_channel te_conv_2d_s8_dsp_later(const te_conv_2d *p,
                                                                const te_conv_2d_dsp *laid,
                                                                te_conv_2d_s8_dsp_channel at, int32_t count) {
    const int32_t constants = count * p->channel_step;
    const te_conv_2d_s8_dsp_channel later = {at.bias + count,
                                             at.multiplier + constants * (1 + laid->high),
                                             at.shift + constants,
                                             {at.to[0] + count, at.to[1] + count, at.to[2] + count}};
    return later;
}

/* `count` channels' sums become outputs. */
static inline __attribute__((always_inline)) void
te_conv_2d_s8_dsp_store(const te_conv_2d *p, const te_conv_2d_dsp *laid, const te_conv_2d_s8_dsp_channel *at,
                        const int32_t *kept, int32_t count) {
    TE_ROLLED
    for (int32_t c = 0; c < count; c++) {
        TE_ROLLED
        for (int32_t i = 0; i < TE_CONV_2D_DSP_TRIPLE; i++)
            at->to[i][c] = te_requantize_either_s8(kept[TE_CONV_2D_DSP_TRIPLE * c + i], at->multiplier,
                                                   at->shift, c * p->channel_step, laid->high,
                                                   p->out_zero_point, p->out_min, p->out_max);
    }
}

/* Up to 32 channels of a group at three pixels by way of memory, where sums wait for the next part of a window;
   gives the weights of the next. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_dsp_any(const te_conv_2d *p, const te_conv_2d_dsp *laid, te_conv_2d_s8_dsp_triple *triple,
                      int32_t group, int32_t count, const int8_t *weights) {
    enum { TWO = TE_CONV_2D_DSP_CHANNELS };
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int whole = taps <= TE_CONV_2D_DSP_REACH;
    const te_conv_2d_s8_dsp_channel start = triple->at;
    int32_t kept[TE_CONV_2D_DSP_BLOCK * TE_CONV_2D_DSP_TRIPLE];
    for (int32_t from = 0; from < taps; from += TE_CONV_2D_DSP_REACH) {
        const int32_t to = te_min(from + TE_CONV_2D_DSP_REACH, taps);
        te_conv_2d_s8_dsp_channel at = start;
        int32_t *sums = kept;
        if (!whole)
            te_conv_2d_s8_dsp_read(p, triple, group, from, to);
        TE_ROLLED
        for (int32_t c = 0; c < count; c += TWO) {
            const int32_t few = te_min(count - c, TWO);
            weights = te_conv_2d_s8_dsp_add(triple, to - from, weights, few, at.bias, from == 0, sums);
            if (to == taps)
                te_conv_2d_s8_dsp_store(p, laid, &at, sums, few);
            sums += whole ? 0 : TWO * TE_CONV_2D_DSP_TRIPLE;
            at = te_conv_2d_s8_dsp_later(p, laid, at, few);
        }
    }
    triple->at = te_conv_2d_s8_dsp_later(p, laid, start, count);
    return weights;
}

/* All channels of a group at three pixels; gives the weights of the next. */
static inline __attribute__((always_inline)) const int8_t *
te_conv_2d_s8_dsp_group(const te_conv_2d *p, const te_conv_2d_dsp *laid, te_conv_2d_s8_dsp_triple *triple,
                        int32_t group, const int8_t *weights) {
    const int32_t size = p->out_channels / p->groups;
    const int32_t even = size / TE_CONV_2D_DSP_CHANNELS * TE_CONV_2D_DSP_CHANNELS;
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int whole = taps <= TE_CONV_2D_DSP_REACH;
    int32_t done = 0;
    if (whole)
        te_conv_2d_s8_dsp_read(p, triple, group, 0, taps);
    if (whole && laid->high && p->channel_step == 1 && p->out_min == INT8_MIN && p->out_max == INT8_MAX &&
        even > 0) {
        triple->last = triple->at.shift + even;
        weights = te_conv_2d_s8_dsp_all(triple, weights);
        done = even;
    }
    for (int32_t c = done; c < size; c += TE_CONV_2D_DSP_BLOCK)
        weights =
            te_conv_2d_s8_dsp_any(p, laid, triple, group, te_min(size - c, TE_CONV_2D_DSP_BLOCK), weights);
    return weights;
}

TE_KERNEL te_conv_2d_s8_dsp_fn te_conv_2d_s8_dsp;

TE_KERNEL void te_conv_2d_s8_dsp(const te_conv_2d *restrict p, const te_conv_2d_dsp *restrict laid,
                                 const int8_t *in, const int8_t *weights, const int32_t *bias,
                                 const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    const int32_t pixels = p->out_height * p->out_width;
    const int32_t taps = p->kernel_height * p->kernel_width * (p->in_channels / p->groups);
    const int32_t fours = (taps + TE_CONV_2D_DSP_FOUR - 1) / TE_CONV_2D_DSP_FOUR;

    for (int32_t n = 0; n < p->batches; n++) {
        const int32_t batch = te_turn(n, p->batches, p->reverse);
        int8_t *target = out + batch * pixels * p->out_channels;
        te_conv_2d_s8_dsp_triple triple;
        triple.image = in + batch * p->in_height * p->in_width * p->in_channels;
        triple.x = te_conv_2d_s8_dsp_first(&triple, te_min(taps, TE_CONV_2D_DSP_REACH));
        triple.skip = (TE_CONV_2D_DSP_TURN - 1 - (fours - 1) % TE_CONV_2D_DSP_TURN) * TE_CONV_2D_DSP_CODE;
        triple.negative = p->out_min < p->out_zero_point;
        for (int32_t pixel = 0; pixel < pixels; pixel += TE_CONV_2D_DSP_TRIPLE) {
            triple.at.bias = bias;
            triple.at.multiplier = multiplier;
            triple.at.shift = shift;
            /* The last pixel is computed again, and written again, for those that lack. */
            TE_UNROLLED
            for (int32_t i = 0; i < TE_CONV_2D_DSP_TRIPLE; i++) {
                triple.pixels[i] = te_turn(te_min(pixel + i, pixels - 1), pixels, p->reverse);
                triple.at.to[i] = target + triple.pixels[i] * p->out_channels;
            }
            const int8_t *w = weights;
            for (int32_t group = 0; group < p->groups; group++)
                w = te_conv_2d_s8_dsp_group(p, laid, &triple, group, w);
        }
    }
}
