/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/helium/mean.h"

static inline int32_t te_mean_s16_helium_add(int32_t sum, const int16_t *x, uint32_t left) {
    const mve_pred16_t lanes = vctp16q(left);
    return vaddvaq_p_s16(sum, vldrhq_z_s16(x, lanes), lanes);
}

#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_LANES 8
#define TE_ADD te_mean_s16_helium_add
#define TE_STORE vstrhq_p_s32
#include "kernels/helium/mean_body.h"

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
#define TE_ALONG te_mean_s16_helium_along
#define TE_ACROSS te_mean_s16_helium_across
#include "kernels/mean_rows.h"
