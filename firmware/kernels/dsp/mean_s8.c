/* SPDX-License-Identifier: Apache-2.0 */
/* Of four bytes two sums a word: as many as fit 16 bits, whatever they are, before they are added to sums of 32. */
#include "kernels/dsp/halves.h"
#include "kernels/mean.h"
#include "kernels/unrolled.h"

enum { TE_MEAN_S8_DSP_MOST = 256 };

static inline __attribute__((always_inline)) int8_t te_mean_s8_dsp_scale(const te_mean *p, int32_t sum) {
    const int32_t scaled = te_halves_requantize(sum, p->multiplier, p->shift, p->out_zero_point);
    return te_halves_limit_s8(scaled, p->out_min, p->out_max);
}

/* Adds the four bytes of each of `count` words that lie `step` bytes apart. */
static inline __attribute__((always_inline)) void te_mean_s8_dsp_words(const int8_t *from, int32_t count,
                                                                       int32_t step, int32_t *sums) {
    for (int32_t left = count; left > 0;) {
        uint32_t even = 0, odd = 0;
        const int32_t some = te_min(left, TE_MEAN_S8_DSP_MOST);
        left -= some;
        TE_FOURFOLD
        for (int32_t i = 0; i < some; i++, from += step) {
            const uint32_t word = te_halves_word(from);
            even = te_halves_add_even(even, word);
            odd = te_halves_add_even(odd, te_halves_turned(word));
        }
        sums[0] += te_halves_low(even);
        sums[1] += te_halves_low(odd);
        sums[2] += te_halves_high(even);
        sums[3] += te_halves_high(odd);
    }
}

static inline __attribute__((always_inline)) void
te_mean_s8_dsp_along(const te_mean *p, te_mean_groups groups, const int8_t *from, int8_t *out) {
    const int32_t whole = groups.taps / 4 * 4;
    TE_ROLLED
    for (int32_t j = 0; j < groups.rows; j++, from += groups.step) {
        int32_t sums[4] = {p->start, 0, 0, 0};
        for (int32_t group = 0; group < groups.count; group++) {
            const int8_t *const x = from + group * groups.pitch;
            te_mean_s8_dsp_words(x, whole / 4, 4, sums);
            TE_ROLLED
            for (int32_t i = whole; i < groups.taps; i++)
                sums[0] += x[i];
        }
        out[j] = te_mean_s8_dsp_scale(p, sums[0] + sums[1] + sums[2] + sums[3]);
    }
}

static inline __attribute__((always_inline)) void
te_mean_s8_dsp_across(const te_mean *p, te_mean_groups groups, const int8_t *from, int8_t *out) {
    int32_t c = 0;
    TE_ROLLED
    for (; c + 4 <= groups.row; c += 4) {
        int32_t sums[4] = {p->start, p->start, p->start, p->start};
        for (int32_t group = 0; group < groups.count; group++)
            te_mean_s8_dsp_words(from + group * groups.pitch + c, groups.taps, groups.row, sums);
        TE_UNROLLED
        for (int32_t i = 0; i < 4; i++)
            out[c + i] = te_mean_s8_dsp_scale(p, sums[i]);
    }
    TE_ROLLED
    for (; c < groups.row; c++) {
        int32_t sum = p->start;
        for (int32_t group = 0; group < groups.count; group++) {
            TE_ROLLED
            for (int32_t i = 0; i < groups.taps; i++)
                sum += from[group * groups.pitch + i * groups.row + c];
        }
        out[c] = te_mean_s8_dsp_scale(p, sum);
    }
}

TE_KERNEL te_mean_s8_fn te_mean_s8_dsp;

#define TE_MEAN te_mean_s8_dsp
#define TE_ELEMENT int8_t
#define TE_ALONG te_mean_s8_dsp_along
#define TE_ACROSS te_mean_s8_dsp_across
#include "kernels/mean_rows.h"
