/* SPDX-License-Identifier: Apache-2.0 */
/* te_softmax of 8-bit input, four elements at a time: TE_TYPED(name, end) is name_s8end or name_s8_s16end,
 * TE_RESULT the type of outputs, TE_WIDTH their bits, TE_SATURATE(value) brings a value to that type; included
 * once for each.
 *
 * tinyedge/plan/layout/softmax.py gives `exp` a last entry of 0, number `exps`, for all that is farther.
 */
#include "kernels/dsp/halves.h"
#include "kernels/softmax.h"
#include "kernels/unrolled.h"

/* Where e to the distances of four elements from the row's largest stands; that is in every byte of `max`. */
static inline __attribute__((always_inline)) uint32_t TE_TYPED(te_softmax, _dsp_four)(const te_softmax *p,
                                                                                      uint32_t max,
                                                                                      uint32_t in) {
    const uint32_t distances = te_halves_less_u8(max, in);
    return p->exps > UINT8_MAX ? distances : te_halves_least_u8(distances, te_halves_same_s8(p->exps));
}

static inline __attribute__((always_inline)) uint32_t TE_TYPED(te_softmax, _dsp_max)(const te_softmax *p,
                                                                                     const int8_t *in) {
    uint32_t most = te_halves_same_s8(INT8_MIN);
    int32_t i = 0;
    TE_ROLLED
    for (; i + 4 <= p->depth; i += 4)
        most = te_halves_most_s8(most, te_halves_word(in + i));
    TE_ROLLED
    for (; i < p->depth; i++)
        most = te_halves_most_s8(most, te_halves_same_s8(in[i]));
    most = te_halves_most_s8(most, most >> 16 | most << 16);
    return te_halves_most_s8(most, te_halves_turned(most));
}

/* In Q12.19: a product with 2^20 is a division by 2^12, ties up. */
static inline __attribute__((always_inline)) int32_t TE_TYPED(te_softmax,
                                                              _dsp_sum)(const te_softmax *p, const int8_t *in,
                                                                        const int32_t *exp, uint32_t max) {
    int32_t sum = 0, i = 0;
    TE_ROLLED
    for (; i + 4 <= p->depth; i += 4) {
        const uint32_t four = TE_TYPED(te_softmax, _dsp_four)(p, max, te_halves_word(in + i));
        TE_UNROLLED
        for (int32_t at = 0; at < 32; at += 8)
            sum = te_halves_add_product(sum, exp[four >> at & 255], 1 << 20);
    }
    TE_ROLLED
    for (; i < p->depth; i++)
        sum = te_halves_add_product(sum, exp[te_min((int8_t)max - in[i], p->exps)], 1 << 20);
    return sum;
}

/* What te_softmax_element takes of a row, as factors: a power times scale / 2^31 is `part` of it and its product
 * with `doubled` / 2^32, ties up, and that is divided, ties up, by a product with `unit` / 2^32. */
typedef struct TE_TYPED(te_softmax, _dsp_row) {
    int32_t part, doubled, unit;
} TE_TYPED(te_softmax, _dsp_row);

static inline __attribute__((always_inline)) TE_RESULT
TE_TYPED(te_softmax, _dsp_share)(TE_TYPED(te_softmax, _dsp_row) row, int32_t power) {
    const int32_t share = te_halves_add_product(power & row.part, power, row.doubled);
    return (TE_RESULT)TE_SATURATE(te_halves_add_product(-(1 << (TE_WIDTH - 1)), share, row.unit));
}

TE_KERNEL TE_TYPED(te_softmax, _fn) TE_TYPED(te_softmax, _dsp);

TE_KERNEL void TE_TYPED(te_softmax, _dsp)(const te_softmax *restrict p, const int8_t *in, const int32_t *exp,
                                          TE_RESULT *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        const uint32_t max = TE_TYPED(te_softmax, _dsp_max)(p, in);
        const uint32_t sum = (uint32_t)TE_TYPED(te_softmax, _dsp_sum)(p, in, exp, max);
        const int32_t zeros = __builtin_clz(sum), bits = 12 - zeros;
        const int32_t scale = te_softmax_reciprocal((int32_t)((sum << zeros) - (UINT32_C(1) << 31)));
        /* scale is below 2^30 for a single sum, 2^30 - 1, which makes bytes 0 whatever it is. */
        const TE_TYPED(te_softmax, _dsp_row)
            row = {TE_WIDTH == 8 ? -1 : -(scale >> 30), (int32_t)((uint32_t)scale * 2),
                   bits > TE_WIDTH ? 0 : 1 << (TE_WIDTH + 1 - bits)};
        int32_t i = 0;
        TE_ROLLED
        for (; i + 4 <= p->depth; i += 4) {
            const uint32_t four = TE_TYPED(te_softmax, _dsp_four)(p, max, te_halves_word(in + i));
            TE_UNROLLED
            for (int32_t at = 0; at < 4; at++)
                out[i + at] = TE_TYPED(te_softmax, _dsp_share)(row, exp[four >> 8 * at & 255]);
        }
        TE_ROLLED
        for (; i < p->depth; i++)
            out[i] = TE_TYPED(te_softmax, _dsp_share)(row, exp[te_min((int8_t)max - in[i], p->exps)]);
    }
}

#undef TE_TYPED
#undef TE_RESULT
#undef TE_WIDTH
#undef TE_SATURATE
