/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel of two operands that are broadcast, for cores without vectors: TE_BINARY is its name, TE_PARAMETERS what it
 * takes before the operands, among them p with size, a_step and b_step, TE_ELEMENT the type of elements, TE_CONSTANTS a
 * type that TE_PREPARE gives before the loops, TE_COMBINE(p, constants, u, v) what becomes of two; included once for
 * each. */
#include "kernels/unrolled.h"

TE_KERNEL void TE_BINARY(TE_PARAMETERS, const TE_ELEMENT *a, const TE_ELEMENT *b, TE_ELEMENT *out) {
    const TE_CONSTANTS constants = TE_PREPARE;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const TE_ELEMENT *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const TE_ELEMENT *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                TE_UNROLLED_BY_4
                for (int32_t l = p->size[3]; l > 0; l--) {
                    *out++ = (TE_ELEMENT)te_clamp(TE_COMBINE(p, constants, *x, *y), p->out_min, p->out_max);
                    x += p->a_step[3];
                    y += p->b_step[3];
                }
            }
        }
    }
}

#undef TE_BINARY
#undef TE_PARAMETERS
#undef TE_ELEMENT
#undef TE_CONSTANTS
#undef TE_PREPARE
#undef TE_COMBINE
