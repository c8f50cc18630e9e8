/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/softmax.h"

TE_KERNEL te_softmax_s8_fn te_softmax_s8_portable;

TE_KERNEL void te_softmax_s8_portable(const te_softmax *restrict p, const int8_t *in, const int32_t *exp,
                                      int8_t *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        const te_softmax_row row = te_softmax_measure(p, in, exp);
        for (int32_t i = 0; i < p->depth; i++) {
            const int32_t result = te_softmax_element(p, exp, row, in[i], 8);
            out[i] = (int8_t)te_min(result + INT8_MIN, INT8_MAX);
        }
    }
}
