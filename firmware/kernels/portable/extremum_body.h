/* SPDX-License-Identifier: Apache-2.0 */
/* te_extremum for any width of element: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or
 * name_s16end; included once for each. */
#include "kernels/extremum.h"

TE_KERNEL TE_TYPED(te_extremum, _fn) TE_TYPED(te_extremum, _portable);

TE_KERNEL void TE_TYPED(te_extremum, _portable)(const te_extremum *p, const TE_ELEMENT *a,
                                                const TE_ELEMENT *b, TE_ELEMENT *out) {
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const TE_ELEMENT *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const TE_ELEMENT *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                for (int32_t l = 0; l < p->size[3]; l++) {
                    const TE_ELEMENT u = x[l * p->a_step[3]];
                    const TE_ELEMENT v = y[l * p->b_step[3]];
                    *out++ = (u > v) == (p->largest != 0) ? u : v;
                }
            }
        }
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
