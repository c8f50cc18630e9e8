/* SPDX-License-Identifier: Apache-2.0 */
/* Means of elements that lie side by side, of which four sums are scaled at once: TE_TYPED(name, end) is name_s8end or
 * name_s16end, TE_ELEMENT the type of elements, TE_LANES how many a vector has, TE_ADD(sum, x, left) adds as many of
 * them to a sum, TE_STORE(out, means, lanes) stores four. Included once for each. */
#include "kernels/helium/mean.h"

static inline __attribute__((always_inline)) int32_t TE_TYPED(te_mean, _helium_sum)(const te_mean *p,
                                                                                    te_mean_groups groups,
                                                                                    const TE_ELEMENT *from) {
    int32_t sum = p->start;
    for (int32_t group = 0; group < groups.count; group++, from += groups.pitch) {
        const TE_ELEMENT *x = from;
        for (int32_t left = groups.taps; left > 0; left -= TE_LANES, x += TE_LANES)
            sum = TE_ADD(sum, x, (uint32_t)left);
    }
    return sum;
}

static inline __attribute__((always_inline)) void TE_TYPED(te_mean, _helium_along)(const te_mean *p,
                                                                                   te_mean_groups groups,
                                                                                   const TE_ELEMENT *from,
                                                                                   TE_ELEMENT *out) {
    TE_ROLLED
    for (int32_t left = groups.rows; left > 0; left -= 4, from += 4 * groups.step, out += 4) {
        int32_t sums[4];
        for (int32_t i = 0; i < 4; i++)
            sums[i] = TE_TYPED(te_mean, _helium_sum)(p, groups, from + (i < left ? i : 0) * groups.step);
        TE_STORE(out, te_mean_scale_four(p, vldrwq_s32(sums)), vctp32q((uint32_t)left));
    }
}

#undef TE_TYPED
#undef TE_LANES
#undef TE_ADD
#undef TE_STORE
