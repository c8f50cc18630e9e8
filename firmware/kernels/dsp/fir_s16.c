/* SPDX-License-Identifier: Apache-2.0 */
/* Two taps at a time, and two channels where there are. */
#include "kernels/fir.h"
#include "kernels/unrolled.h"

#include <arm_acle.h>

/* Two neighbours, at any address, as the core allows. */
static inline int32_t te_fir_s16_dsp_word(const int16_t *from) {
    int32_t two;
    memcpy(&two, from, sizeof two);
    return two;
}

/* Coefficients i and i + 1. A compiler that knew them would multiply with each in another way. */
static inline int32_t te_fir_s16_dsp_taps(const int16_t *coefficients, int32_t i) {
    int32_t two = te_fir_s16_dsp_word(coefficients + i);
    TE_NOW(two);
    return two;
}

/* One output of the channel that begins at x. */
static inline int16_t te_fir_s16_dsp_one(const te_fir *p, const int16_t *x, const int16_t *coefficients) {
    int64_t sum = te_fir_half(p);
    int32_t i = 0;
    for (; i + 1 < p->taps; i += 2, x += 2 * p->channels) {
        const int16x2_t two = p->channels == 1 ? (int16x2_t)te_fir_s16_dsp_word(x)
                                               : (int16x2_t)((uint16_t)x[0] | (uint32_t)x[p->channels] << 16);
        sum = __smlald((int16x2_t)te_fir_s16_dsp_taps(coefficients, i), two, sum);
    }
    if (i < p->taps)
        sum += *x * coefficients[i];
    return te_fir_rounded(p, sum);
}

/* The same of this channel and of the next one. */
static inline void te_fir_s16_dsp_both(const te_fir *p, const int16_t *x, const int16_t *coefficients,
                                       int16_t *out) {
    int64_t low = te_fir_half(p), high = te_fir_half(p);
    int32_t i = 0;
    TE_UNROLLED_BY_4
    for (; i + 1 < p->taps; i += 2, x += 2 * p->channels) {
        const int32_t taps = te_fir_s16_dsp_taps(coefficients, i);
        const int32_t first = te_fir_s16_dsp_word(x), second = te_fir_s16_dsp_word(x + p->channels);
        low += (int16_t)first * (int16_t)taps;
        high += (first >> 16) * (int16_t)taps;
        low += (int16_t)second * (taps >> 16);
        high += (second >> 16) * (taps >> 16);
    }
    if (i < p->taps) {
        low += x[0] * coefficients[i];
        high += x[1] * coefficients[i];
    }
    out[0] = te_fir_rounded(p, low);
    out[1] = te_fir_rounded(p, high);
}

TE_KERNEL te_fir_s16_fn te_fir_s16_dsp;

TE_KERNEL void te_fir_s16_dsp(const te_fir *restrict p, const int16_t *in, const int16_t *coefficients,
                              int16_t *out) {
    for (int32_t row = 0; row < p->rows; row++, in += p->stride * p->channels, out += p->channels) {
        int32_t channel = 0;
        for (; channel + 1 < p->channels; channel += 2)
            te_fir_s16_dsp_both(p, in + channel, coefficients, out + channel);
        if (channel < p->channels)
            out[channel] = te_fir_s16_dsp_one(p, in + channel, coefficients);
    }
}
