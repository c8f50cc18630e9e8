/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/softmax.h"

TE_KERNEL te_softmax_s8_s16_fn te_softmax_s8_s16_rvv;

TE_KERNEL void te_softmax_s8_s16_rvv(const te_softmax *restrict p, const int8_t *in, const int32_t *exp,
                                     int16_t *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        const te_softmax_row row = te_softmax_measure_lanes(p, in, exp);
        size_t vl;
        TE_ROLLED
        for (int32_t i = 0; i < p->depth; i += (int32_t)vl) {
            vl = __riscv_vsetvl_e32m4((size_t)(p->depth - i));
            const vint32m4_t v = te_softmax_elements(p, exp, row, in + i, 16, INT16_MIN, INT16_MAX, vl);
            te_lanes_store_s16(out + i, v, vl);
        }
    }
}
