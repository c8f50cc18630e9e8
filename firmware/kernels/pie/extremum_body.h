/* SPDX-License-Identifier: Apache-2.0 */
/* te_extremum for any width of element, a vector at a time: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end
   or name_s16end, TE_MOST(s, to, x, y) and TE_LEAST are its instructions; included once for each. Rows are as
   kernels/pie/mul.h has them. */
#include "kernels/extremum.h"
#include "kernels/pie/pie.h"

TE_KERNEL TE_TYPED(te_extremum, _fn) TE_TYPED(te_extremum, _pie);

TE_KERNEL void TE_TYPED(te_extremum, _pie)(const te_extremum *restrict p, const TE_ELEMENT *a,
                                           const TE_ELEMENT *b, TE_ELEMENT *out) {
    enum { LANES = TE_PIE_VECTOR / (int)sizeof(TE_ELEMENT) };
    const int32_t whole = p->size[3] / LANES * LANES;
    te_pie s = {0};
    TE_PIE_FENCE();
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const TE_ELEMENT *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const TE_ELEMENT *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                const int8_t *u = (const int8_t *)x, *v = (const int8_t *)y;
                int8_t *to = (int8_t *)out;
                TE_UNROLLED_BY_4
                for (int32_t l = 0; l < whole; l += LANES) {
                    TE_PIE_VLD(&s, 0, u, 16);
                    TE_PIE_VLD(&s, 1, v, 16);
                    if (p->largest)
                        TE_MOST(&s, 0, 0, 1);
                    else
                        TE_LEAST(&s, 0, 0, 1);
                    TE_PIE_VST(&s, 0, to, 16);
                }
                for (int32_t l = whole; l < p->size[3]; l++)
                    out[l] = (x[l] > y[l]) == (p->largest != 0) ? x[l] : y[l];
                out += p->size[3];
            }
        }
    }
    (void)s;
}

#undef TE_ELEMENT
#undef TE_TYPED
#undef TE_MOST
#undef TE_LEAST
