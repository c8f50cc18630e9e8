/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/helium/softmax.h"

TE_KERNEL te_softmax_s8_s16_fn te_softmax_s8_s16_helium;

TE_KERNEL void te_softmax_s8_s16_helium(const te_softmax *restrict p, const int8_t *in, const int32_t *exp,
                                        int16_t *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        const te_softmax_row row = te_softmax_measure_fours(p, in, exp);
        TE_ROLLED
        for (int32_t i = 0; i < p->depth; i += 4) {
            const mve_pred16_t lanes = vctp32q((uint32_t)(p->depth - i));
            const int32x4_t result = te_softmax_elements(p, exp, row, in + i, 16, lanes);
            vstrhq_p_s32(out + i, vminq_s32(vaddq_n_s32(result, INT16_MIN), vdupq_n_s32(INT16_MAX)), lanes);
        }
    }
}
