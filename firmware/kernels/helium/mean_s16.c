/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/helium/mean.h"

static inline __attribute__((always_inline)) int32_t te_mean_s16_helium_sum(const te_mean *p,
                                                                            te_mean_groups groups,
                                                                            const int16_t *from) {
    int32_t sum = p->start;
    for (int32_t group = 0; group < groups.count; group++, from += groups.pitch) {
        const int16_t *x = from;
        for (int32_t left = groups.taps; left > 0; left -= 8, x += 8) {
            const mve_pred16_t lanes = vctp16q((uint32_t)left);
            sum = vaddvaq_p_s16(sum, vldrhq_z_s16(x, lanes), lanes);
        }
    }
    return sum;
}

/* Four sums are scaled at once. */
static inline __attribute__((always_inline)) void
te_mean_s16_helium_along(const te_mean *p, te_mean_groups groups, const int16_t *from, int16_t *out) {
    TE_ROLLED
    for (int32_t left = groups.rows; left > 0; left -= 4, from += 4 * groups.step, out += 4) {
        int32_t sums[4];
        for (int32_t i = 0; i < 4; i++)
            sums[i] = te_mean_s16_helium_sum(p, groups, from + (i < left ? i : 0) * groups.step);
        vstrhq_p_s32(out, te_mean_scale_four(p, vldrwq_s32(sums)), vctp32q((uint32_t)left));
    }
}

/* Means of two times four elements. */
static inline __attribute__((always_inline)) void
te_mean_s16_helium_eight(const te_mean *p, te_mean_groups groups, const int16_t *from, mve_pred16_t lanes,
                         mve_pred16_t more, int16_t *out) {
    int32x4_t lower = vdupq_n_s32(p->start), upper = vdupq_n_s32(p->start);
    for (int32_t group = 0; group < groups.count; group++, from += groups.pitch) {
        const int16_t *x = from;
        TE_TWICE
        for (int32_t i = 0; i < groups.taps; i++, x += groups.row) {
            lower = vaddq_s32(lower, vldrhq_z_s32(x, lanes));
            upper = vaddq_s32(upper, vldrhq_z_s32(x + 4, more));
        }
    }
    vstrhq_p_s32(out, te_mean_scale_four(p, lower), lanes);
    vstrhq_p_s32(out + 4, te_mean_scale_four(p, upper), more);
}

static inline __attribute__((always_inline)) void
te_mean_s16_helium_across(const te_mean *p, te_mean_groups groups, const int16_t *from, int16_t *out) {
    TE_ROLLED
    for (int32_t c = 0; c < groups.row; c += 8) {
        const int32_t left = groups.row % 8 == 0 ? 8 : groups.row - c;
        te_mean_s16_helium_eight(p, groups, from + c, vctp32q((uint32_t)left),
                                 vctp32q((uint32_t)te_max(left - 4, 0)), out + c);
    }
}

TE_KERNEL te_mean_s16_fn te_mean_s16_helium;

#define TE_MEAN te_mean_s16_helium
#define TE_ELEMENT int16_t
#define TE_ALONG te_mean_s16_helium_along
#define TE_ACROSS te_mean_s16_helium_across
#include "kernels/mean_rows.h"
