/* SPDX-License-Identifier: Apache-2.0 */
/* te_max_pool_2d for any width of element, a vector of channels at a time: TE_ELEMENT is its type, TE_TYPED(name,
   end) is name_s8end or name_s16end, TE_MOST(s, to, x, y) and TE_LEAST are its instructions; included once for
   each. */
#include "kernels/pie/ends.h"
#include "kernels/pie/load.h"
#include "kernels/pool_2d.h"

#define TE_CONSTANTS te_pie_ends
#define TE_POOL(end) TE_TYPED(te_max_pool_2d, end)

TE_PIE_INLINE void TE_POOL(_prepare)(const te_pool_2d *p, te_pie_ends *ends) {
    te_pie_make_ends(ends, (int32_t)sizeof(TE_ELEMENT), p->out_min, p->out_max);
}

/* The maxima of `count` channels. */
TE_PIE_SHARED void TE_POOL(_vector)(te_pie *s, const te_pool_2d *p, const te_pie_ends *ends,
                                    const TE_ELEMENT *x, int32_t height, int32_t width, int32_t count,
                                    TE_ELEMENT *out) {
    enum { LANES = TE_PIE_VECTOR / (int)sizeof(TE_ELEMENT), MOST = (1 << (8 * sizeof(TE_ELEMENT) - 1)) - 1 };
    const int32_t step = p->channels * (int32_t)sizeof(TE_ELEMENT);
    const uint32_t *least = ends->least, *most = ends->most;
    TE_PIE_VLD(s, 0, least, 0);
    for (int32_t ky = 0; ky < height; ky++) {
        const int8_t *from = (const int8_t *)(x + ky * p->in_width * p->channels);
        for (int32_t kx = 0; kx < width; kx++) {
            from = te_pie_load(s, from, step, step % TE_PIE_VECTOR == 0);
            TE_MOST(s, 0, 0, 6);
        }
    }
    if (p->out_max < MOST) {
        TE_PIE_VLD(s, 6, most, 0);
        TE_LEAST(s, 0, 0, 6);
    }
    if (step % TE_PIE_VECTOR == 0) {
        int8_t *to = (int8_t *)out;
        TE_PIE_VST(s, 0, to, 0);
        (void)to;
    } else {
        _Alignas(16) TE_ELEMENT kept[LANES];
        int8_t *to = (int8_t *)kept;
        TE_PIE_VST(s, 0, to, 0);
        te_pie_copy_some((int8_t *)out, (const int8_t *)kept, count * (int32_t)sizeof(TE_ELEMENT));
        (void)to;
    }
    (void)least;
    (void)most;
    (void)s;
}

#include "kernels/pie/pool_2d_body.h"

#undef TE_TYPED
#undef TE_MOST
#undef TE_LEAST
