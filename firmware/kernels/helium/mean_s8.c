/* SPDX-License-Identifier: Apache-2.0 */
/* Of bytes that lie a row apart eight sums of 16 bits: of as many as fit, whatever they are, before they are added to
   sums of 32. */
#include "kernels/helium/mean.h"

enum { TE_MEAN_S8_HELIUM_MOST = 256 };

static inline int32_t te_mean_s8_helium_add(int32_t sum, const int8_t *x, uint32_t left) {
    const mve_pred16_t lanes = vctp8q(left);
    return vaddvaq_p_s8(sum, vldrbq_z_s8(x, lanes), lanes);
}

#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_LANES 16
#define TE_ADD te_mean_s8_helium_add
#define TE_STORE vstrbq_p_s32
#include "kernels/helium/mean_body.h"

static inline
    __attribute__((always_inline)) void te_mean_s8_helium_eight(const te_mean *p, te_mean_groups groups,
                                                                const int8_t *from, mve_pred16_t lanes,
                                                                int8_t *out) {
    te_eight sums = {vdupq_n_s32(p->start), vdupq_n_s32(p->start)};
    for (int32_t group = 0; group < groups.count; group++, from += groups.pitch) {
        const int8_t *x = from;
        for (int32_t left = groups.taps; left > 0;) {
            const int32_t some = te_min(left, TE_MEAN_S8_HELIUM_MOST);
            left -= some;
            int16x8_t sum = vdupq_n_s16(0);
            TE_TWICE
            for (int32_t i = 0; i < some; i++, x += groups.row)
                sum = vaddq_s16(sum, te_eight_load_s8(x, lanes));
            const te_eight wide = te_eight_widen(sum);
            sums.even = vaddq_s32(sums.even, wide.even);
            sums.odd = vaddq_s32(sums.odd, wide.odd);
        }
    }
    sums.even = te_mean_scale_four(p, sums.even);
    sums.odd = te_mean_scale_four(p, sums.odd);
    te_eight_store_s8(out, te_eight_narrow(sums), lanes);
}

static inline __attribute__((always_inline)) void
te_mean_s8_helium_across(const te_mean *p, te_mean_groups groups, const int8_t *from, int8_t *out) {
    TE_ROLLED
    for (int32_t c = 0; c < groups.row; c += 8)
        te_mean_s8_helium_eight(p, groups, from + c,
                                vctp16q(groups.row % 8 == 0 ? 8 : (uint32_t)(groups.row - c)), out + c);
}

TE_KERNEL te_mean_s8_fn te_mean_s8_helium;

#define TE_MEAN te_mean_s8_helium
#define TE_ALONG te_mean_s8_helium_along
#define TE_ACROSS te_mean_s8_helium_across
#include "kernels/mean_rows.h"
