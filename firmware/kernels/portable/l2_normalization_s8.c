/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/l2_normalization.h"

TE_KERNEL te_l2_normalization_s8_fn te_l2_normalization_s8_portable;

TE_KERNEL void te_l2_normalization_s8_portable(const te_l2_normalization *restrict p, const int8_t *in,
                                               int8_t *out) {
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t sum = 0;
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t value = in[i] - p->in_zero_point;
            sum += value * value;
        }
        int32_t shift;
        const int32_t multiplier = te_inverse_root(sum, &shift);
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t scaled = te_requantize(in[i] - p->in_zero_point, multiplier, shift + 7);
            out[i] = (int8_t)te_clamp(scaled, -128, 127);
        }
        in += p->depth;
        out += p->depth;
    }
}
