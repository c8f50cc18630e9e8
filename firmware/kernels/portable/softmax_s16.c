/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/softmax.h"

TE_KERNEL te_softmax_s16_fn te_softmax_s16_portable;

TE_KERNEL void te_softmax_s16_portable(const te_softmax *restrict p, const int16_t *in, const int16_t *exp,
                                       const int16_t *reciprocal, int16_t *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        int32_t max = INT16_MIN;
        for (int32_t i = 0; i < p->depth; i++)
            max = te_max(max, in[i]);
        uint32_t sum = 0; /* Q16.15, below 2^31 */
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t distance = te_requantize(in[i] - max, p->multiplier, p->shift);
            const int32_t point = te_clamp(distance + INT16_MAX, INT16_MIN, INT16_MAX);
            const int32_t power = te_softmax_interpolate(exp, point);
            out[i] = (int16_t)power;
            sum += (uint32_t)power;
        }
        int32_t bits = 30; /* of the sum, less one */
        for (; sum < UINT32_C(1) << 30; sum <<= 1)
            bits--;
        /* sum / 2^30 - 1 is in [0, 1); as 16 bits around 0 it is the table's argument. */
        const int32_t rest = (int32_t)((sum + (1 << 13)) >> 14) - (1 << 16) + INT16_MIN;
        const int32_t scale = te_softmax_interpolate(reciprocal, te_min(rest, INT16_MAX));
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t share = (out[i] * scale + (1 << (bits - 1))) >> bits;
            out[i] = (int16_t)te_clamp(share, 0, INT16_MAX);
        }
    }
}
