/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dsp/halves.h"
#include "kernels/softmax.h"
#include "kernels/unrolled.h"

/* te_softmax_interpolate, as the sum of both points, of 128 parts of which the second has x & 127. */
static inline __attribute__((always_inline)) int32_t te_softmax_s16_dsp_interpolate(const int16_t *points,
                                                                                    int32_t x) {
    const uint32_t parts = (uint32_t)(128 + (x & 127) * UINT16_MAX);
    return te_halves_add_products(64, te_halves_word(points + 256 + (x >> 7)), parts) >> 7;
}

static inline __attribute__((always_inline)) int32_t te_softmax_s16_dsp_max(const int16_t *in,
                                                                            int32_t count) {
    uint32_t most = te_halves_pack(INT16_MIN, INT16_MIN);
    TE_FOURFOLD
    for (int32_t i = 0; i + 2 <= count; i += 2)
        most = te_halves_most_s16(most, te_halves_word(in + i));
    const int32_t max = te_max(te_halves_low(most), te_halves_high(most));
    return count % 2 == 0 ? max : te_max(max, in[count - 1]);
}

TE_KERNEL te_softmax_s16_fn te_softmax_s16_dsp;

TE_KERNEL void te_softmax_s16_dsp(const te_softmax *restrict p, const int16_t *in, const int16_t *exp,
                                  const int16_t *reciprocal, int16_t *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        const int32_t max = te_softmax_s16_dsp_max(in, p->depth);
        uint32_t sum = 0; /* Q16.15, below 2^31 */
        TE_FOURFOLD
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t point = te_halves_requantize(in[i] - max, p->multiplier, p->shift, INT16_MAX);
            const int32_t power = te_softmax_s16_dsp_interpolate(exp, te_halves_saturate_s16(point));
            out[i] = (int16_t)power;
            sum += (uint32_t)power;
        }
        const int32_t zeros = __builtin_clz(sum) - 1, bits = 30 - zeros; /* of the sum, less one */
        /* sum / 2^bits - 1 is in [0, 1); as 16 bits around 0 it is the table's argument. */
        const int32_t rest = (int32_t)(((sum << zeros) + (1 << 13)) >> 14) - (1 << 16) + INT16_MIN;
        const int32_t scale = te_softmax_interpolate(reciprocal, te_min(rest, INT16_MAX));
        TE_FOURFOLD
        for (int32_t i = 0; i < p->depth; i++)
            out[i] = (int16_t)te_halves_saturate_s16((out[i] * scale + (1 << (bits - 1))) >> bits);
    }
}
