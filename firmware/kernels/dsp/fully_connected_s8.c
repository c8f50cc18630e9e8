/* SPDX-License-Identifier: Apache-2.0 */
/* For Arm cores with DSP instructions: four inputs, widened once, for four channels, two products an
   instruction.

   Weights, from tinyedge/plan/layout/dsp.py: for every four channels (what remains goes one by one), for
   every 4 inputs (the last are filled up with zeros) 4 bytes of each channel. */
#include <arm_acle.h>

#include "kernels/dsp/fully_connected.h"
#include "kernels/requantize_dense.h"
#include "kernels/unrolled.h"

/* Any address, as the core allows. */
static inline uint32_t te_fully_connected_s8_dsp_word(const int8_t *from) {
    uint32_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

/* Adds the products of four inputs to the sums of `count` channels. */
static inline __attribute__((always_inline)) void
te_fully_connected_s8_dsp_add(uint32_t inputs, const int8_t *weights, int32_t count, int32_t *sums) {
    /* Bytes 0 and 2 of a word, and 1 and 3, as numbers of 16 bits. */
    const int16x2_t even = __sxtb16((int8x4_t)inputs);
    const int16x2_t odd = __sxtb16((int8x4_t)(inputs >> 8 | inputs << 24));
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++) {
        const uint32_t word = te_fully_connected_s8_dsp_word(weights + c * TE_FULLY_CONNECTED_DSP_FOUR);
        sums[c] = __smlad(__sxtb16((int8x4_t)word), even, sums[c]);
        sums[c] = __smlad(__sxtb16((int8x4_t)(word >> 8 | word << 24)), odd, sums[c]);
        TE_NOW(sums[c]);
    }
}

/* The outputs of `count` channels; gives the next channels' weights. */
static inline __attribute__((always_inline)) const int8_t *
te_fully_connected_s8_dsp_block(const te_fully_connected *p, const te_fully_connected_dsp *laid,
                                const int8_t *in, const int8_t *weights, const int32_t *bias,
                                const int32_t *multiplier, const int8_t *shift, int32_t channel,
                                int32_t count, int8_t *out) {
    int32_t sums[TE_FULLY_CONNECTED_DSP_FOUR];
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++)
        sums[c] = bias[channel + c];
    int32_t i = 0;
    TE_UNROLLED_BY_4
    for (; i + TE_FULLY_CONNECTED_DSP_FOUR <= p->depth; i += TE_FULLY_CONNECTED_DSP_FOUR) {
        te_fully_connected_s8_dsp_add(te_fully_connected_s8_dsp_word(in + i), weights, count, sums);
        weights += TE_FULLY_CONNECTED_DSP_FOUR * count;
    }
    if (i < p->depth) {
        uint32_t last = 0;
        for (int32_t at = 0; i < p->depth; i++, at += 8)
            last |= (uint32_t)(uint8_t)in[i] << at;
        te_fully_connected_s8_dsp_add(last, weights, count, sums);
        weights += TE_FULLY_CONNECTED_DSP_FOUR * count;
    }
    TE_UNROLLED
    for (int32_t c = 0; c < count; c++)
        out[channel + c] = te_requantize_dense_s8(p, laid->fitted, laid->left, laid->right, sums[c],
                                                  multiplier, shift, channel + c);
    return weights;
}

TE_KERNEL te_fully_connected_s8_dsp_fn te_fully_connected_s8_dsp;

TE_KERNEL void te_fully_connected_s8_dsp(const te_fully_connected *restrict p,
                                         const te_fully_connected_dsp *restrict laid, const int8_t *in,
                                         const int8_t *weights, const int32_t *bias,
                                         const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    enum { FOUR = TE_FULLY_CONNECTED_DSP_FOUR };
    for (int32_t batch = 0; batch < p->batches; batch++) {
        const int8_t *w = weights;
        int32_t c = 0;
        for (; c + FOUR <= p->channels; c += FOUR)
            w = te_fully_connected_s8_dsp_block(p, laid, in, w, bias, multiplier, shift, c, FOUR, out);
        for (; c < p->channels; c++)
            w = te_fully_connected_s8_dsp_block(p, laid, in, w, bias, multiplier, shift, c, 1, out);
        in += p->depth;
        out += p->channels;
    }
}
