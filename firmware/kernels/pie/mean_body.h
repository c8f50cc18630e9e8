/* SPDX-License-Identifier: Apache-2.0 */
/* te_mean for any width of element, by sums of a vector of neighbours in QACC, whose lanes
   tinyedge/plan/layout/pie.py knows to be wide enough: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or
   name_s16end, TE_LANE(lanes, i) the sum i; included once for each. */
#include "kernels/mean.h"
#include "kernels/pie/ones.h"

TE_KERNEL TE_TYPED(te_mean, _fn) TE_TYPED(te_mean, _pie);

TE_KERNEL void TE_TYPED(te_mean, _pie)(const te_mean *restrict p, const TE_ELEMENT *in, TE_ELEMENT *out) {
    enum { SIZE = sizeof(TE_ELEMENT), LANES = TE_PIE_VECTOR / SIZE };
    const int32_t row = p->size[4], line = p->size[3] * row;
    te_pie_ones constants;
    te_pie s = {0};
    te_pie_make_ones(&constants, SIZE > 1);
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[2]; j++) {
            for (int32_t c = 0; c < row; c += LANES) {
                _Alignas(16) int8_t lanes[TE_PIE_LANES];
                const int32_t count = te_min(row - c, LANES);
                TE_PIE_FENCE();
                te_pie_add_up(&s, SIZE > 1, &constants, (const int8_t *)(in + j * line + c), p->size[1],
                              p->size[2] * line * SIZE, p->size[3], row * SIZE);
                te_pie_store_lanes(&s, lanes);
                for (int32_t at = 0; at < count; at++) {
                    const int32_t sum = TE_LANE(lanes, at) + p->start;
                    const int32_t scaled = te_requantize(sum, p->multiplier, p->shift) + p->out_zero_point;
                    *out++ = (TE_ELEMENT)te_clamp(scaled, p->out_min, p->out_max);
                }
            }
        }
        in += p->size[1] * p->size[2] * line;
    }
}

#undef TE_ELEMENT
#undef TE_TYPED
#undef TE_LANE
