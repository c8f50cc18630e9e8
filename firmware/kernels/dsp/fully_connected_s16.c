/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: four inputs for four channels, two products an instruction.

   Weights, from tinyedge/plan/layout/dsp_short.py: for every four channels (what remains goes one by one), for
   every 4 inputs 4 bytes of each channel, in the order 0, 2, 1, 3; what does not fill a word is zeros. */
#include <arm_acle.h>

#include "kernels/dsp/fully_connected.h"
#include "kernels/short.h"
#include "kernels/unrolled.h"

/* Two inputs, or a word of weights, at any address. */
static inline uint32_t te_fully_connected_s16_dsp_word(const void *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* Adds the products of two pairs of inputs to the sums of `count` channels. */
static inline __attribute__((always_inline)) void te_fully_connected_s16_dsp_add(uint32_t x0, uint32_t x1,
                                                                                 const int8_t *weights,
                                                                                 int32_t count,
                                                                                 int32_t *sums) {
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        const uint32_t word = te_fully_connected_s16_dsp_word(weights + c * TE_FULLY_CONNECTED_DSP_FOUR);
        sums[c] = __smlad(__sxtb16((int8x4_t)word), (int16x2_t)x0, sums[c]);
        sums[c] = __smlad(__sxtb16((int8x4_t)(word >> 8 | word << 24)), (int16x2_t)x1, sums[c]);
        TE_NOW(sums[c]);
    }
}

/* The outputs of `count` channels from channel `first` on; gives the next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_fully_connected_s16_dsp_few(const te_fully_connected *p, const int16_t *in, const int8_t *weights,
                               const int32_t *bias, const int32_t *multiplier, const int32_t *low,
                               const int8_t *shift, int32_t first, int32_t count, int16_t *out) {
    enum { FOUR = TE_FULLY_CONNECTED_DSP_FOUR };
    int32_t sums[FOUR];
    TE_UNROLLED
    for (int32_t i = 0; i < count; i++)
        sums[i] = bias[first + i];
    int32_t i = 0;
    TE_UNROLLED_BY_4
    for (; i + FOUR <= p->depth; i += FOUR) {
        te_fully_connected_s16_dsp_add(te_fully_connected_s16_dsp_word(in + i),
                                       te_fully_connected_s16_dsp_word(in + i + 2), weights, count, sums);
        weights += FOUR * count;
    }
    if (i < p->depth) {
        uint32_t last[2] = {0, 0};
        for (int32_t at = 0; i + at < p->depth; at++)
            last[at / 2] |= (uint32_t)(uint16_t)in[i + at] << at % 2 * 16;
        te_fully_connected_s16_dsp_add(last[0], last[1], weights, count, sums);
        weights += FOUR * count;
    }
    TE_UNROLLED
    for (int32_t k = 0; k < count; k++) {
        const int32_t c = first + k;
        const int32_t scaled = te_requantize_upper(sums[k], multiplier[c], low[c], shift[c], p->once);
        out[c] = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
    }
    return weights;
}

TE_KERNEL te_fully_connected_s16_short_fn te_fully_connected_s16_dsp;

TE_KERNEL void te_fully_connected_s16_dsp(const te_fully_connected *restrict p, const int16_t *in,
                                          const int8_t *weights, const int32_t *bias,
                                          const int32_t *multiplier, const int32_t *low, const int8_t *shift,
                                          int16_t *out) {
    enum { FOUR = TE_FULLY_CONNECTED_DSP_FOUR };
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights;
        int32_t c = 0;
        for (; c + FOUR <= p->channels; c += FOUR)
            w = te_fully_connected_s16_dsp_few(p, in, w, bias, multiplier, low, shift, c, FOUR, out);
        for (; c < p->channels; c++)
            w = te_fully_connected_s16_dsp_few(p, in, w, bias, multiplier, low, shift, c, 1, out);
        in += p->depth;
        out += p->channels;
    }
}
