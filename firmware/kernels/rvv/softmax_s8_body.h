/* SPDX-License-Identifier: Apache-2.0 */
/* te_softmax of int8: TE_SOFTMAX is the kernel's name, TE_BITS, TE_LOW and TE_HIGH are of its outputs, of type
   TE_RESULT, lanes of which TE_STORE stores; included once for each. */
#include "kernels/rvv/softmax.h"

TE_KERNEL void TE_SOFTMAX(const te_softmax *restrict p, const int8_t *in, const int32_t *exp,
                          TE_RESULT *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        const te_softmax_row row = te_softmax_measure_lanes(p, in, exp);
        size_t vl;
        TE_ROLLED
        for (int32_t i = 0; i < p->depth; i += (int32_t)vl) {
            vl = __riscv_vsetvl_e32m4((size_t)(p->depth - i));
            const vint32m4_t v = te_softmax_elements(p, exp, row, in + i, TE_BITS, TE_LOW, TE_HIGH, vl);
            TE_STORE(out + i, v, vl);
        }
    }
}

#undef TE_SOFTMAX
#undef TE_RESULT
#undef TE_BITS
#undef TE_LOW
#undef TE_HIGH
#undef TE_STORE
