/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: three output pixels by two channels, two products an instruction.

   The inputs of three pixels are widened to 16 bits, by SXTB16 and so taps 0, 2, 1, 3 of every four; a window
   of more than 288 taps goes in parts, for 32 channels at a time. Weights stay bytes: for every group, for
   every 32 of its channels, for every part, for every two channels, for every 4 taps 8 bytes, which are taps
   0 and 2, then 1 and 3, of both channels in turn; of a last channel alone 4 bytes, as the taps are
   (tinyedge/plan/layout/dsp.py). */
#include "kernels/dsp/gather.h"
#include "kernels/dsp/triple.h"
#include "kernels/requantize_high.h"

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
