/* SPDX-License-Identifier: Apache-2.0 */
/* te_average_pool_2d for any width of element, by sums of channels in QACC, whose lanes tinyedge/plan/layout/pie.py
   knows to be wide enough: TE_ELEMENT is its type, TE_TYPED(name, end) is name_s8end or name_s16end, TE_LANE(lanes, i)
   the sum i, TE_LIMIT(value, min, max) what fits an output; included once for each. */
#include "kernels/lx.h"
#include "kernels/pie/ones.h"
#include "kernels/pie/output.h"
#include "kernels/pool_2d.h"

enum { TE_TYPED(TE_AVERAGE_POOL_2D_PIE, _WIDE) = sizeof(TE_ELEMENT) > 1 };

#define TE_CONSTANTS te_pie_ones
#define TE_POOL(end) TE_TYPED(te_average_pool_2d, end)

TE_PIE_INLINE void TE_POOL(_prepare)(const te_pool_2d *p, te_pie_ones *constants) {
    te_pie_make_ones(constants, TE_TYPED(TE_AVERAGE_POOL_2D_PIE, _WIDE));
    (void)p;
}

/* The averages of `count` channels. */
TE_PIE_SHARED void TE_POOL(_vector)(te_pie *s, const te_pool_2d *p, const te_pie_ones *constants,
                                    const TE_ELEMENT *x, int32_t height, int32_t width, int32_t count,
                                    TE_ELEMENT *out) {
    const int32_t step = p->channels * (int32_t)sizeof(TE_ELEMENT), taps = height * width, half = taps / 2;
    _Alignas(16) int8_t lanes[TE_PIE_LANES];
    te_pie_add_up(s, TE_TYPED(TE_AVERAGE_POOL_2D_PIE, _WIDE), constants, (const int8_t *)x, height,
                  p->in_width * step, width, step);
    te_pie_store_lanes(s, lanes);
    TE_PIE_UNROLLED
    for (int32_t i = 0; i < count; i++) {
        const int32_t sum = TE_LANE(lanes, i);
        const int32_t average = te_lx_quotient(sum + (sum < 0 ? -half : half), taps);
        out[i] = TE_LIMIT(average, p->out_min, p->out_max);
    }
}

#include "kernels/pie/pool_2d_body.h"

#undef TE_TYPED
#undef TE_LANE
#undef TE_LIMIT
