/* SPDX-License-Identifier: Apache-2.0 */
/* te_limit for any width of element, a vector at a time: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or
   name_s16end, TE_MOST(s, to, x, y) and TE_LEAST are its instructions; included once for each. */
#include "kernels/limit.h"
#include "kernels/pie/ends.h"

TE_KERNEL TE_TYPED(te_limit, _fn) TE_TYPED(te_limit, _pie);

TE_KERNEL void TE_TYPED(te_limit, _pie)(const te_limit *restrict p, const TE_ELEMENT *in, TE_ELEMENT *out) {
    enum { LANES = TE_PIE_VECTOR / (int)sizeof(TE_ELEMENT) };
    const int32_t whole = p->size / LANES * LANES;
    const int8_t *from = (const int8_t *)in;
    const uint32_t *least, *most;
    int8_t *to = (int8_t *)out;
    te_pie_ends ends;
    te_pie s = {0};
    te_pie_make_ends(&ends, (int32_t)sizeof(TE_ELEMENT), p->min, p->max);
    least = ends.least, most = ends.most;
    TE_PIE_FENCE();
    TE_PIE_VLD(&s, 6, least, 0);
    TE_PIE_VLD(&s, 7, most, 0);
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < whole; i += LANES) {
        TE_PIE_VLD(&s, 0, from, 16);
        TE_MOST(&s, 0, 0, 6);
        TE_LEAST(&s, 0, 0, 7);
        TE_PIE_VST(&s, 0, to, 16);
    }
    for (int32_t i = whole; i < p->size; i++)
        out[i] = (TE_ELEMENT)te_clamp(in[i], p->min, p->max);
    (void)least, (void)most, (void)s;
}

#undef TE_ELEMENT
#undef TE_TYPED
#undef TE_MOST
#undef TE_LEAST
