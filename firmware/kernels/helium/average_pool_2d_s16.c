/* SPDX-License-Identifier: Apache-2.0 */
/* Sums are of 32 bits, in two vectors. One is divided by its taps by a multiplication with M = 2^32 / taps,
   rounded up, as in average_pool_2d_s8.c: n * (M * taps - 2^32) < 2^32 holds for any sum of
   TE_POOL_2D_HELIUM_TAPS taps. */
#include "kernels/helium/eight.h"
#include "kernels/pool_2d.h"

static inline uint32_t te_average_pool_2d_s16_reciprocal(uint32_t taps) { return UINT32_MAX / taps + 1; }

static inline te_eight te_average_pool_2d_s16_add(te_eight sum, const int16_t *from, mve_pred16_t lanes) {
    const te_eight wide = te_eight_widen(te_eight_load_s16(from, lanes));
    sum.even = vaddq_s32(sum.even, wide.even);
    sum.odd = vaddq_s32(sum.odd, wide.odd);
    return sum;
}

/* The mean of four sums, to the nearest, ties away from zero. */
static inline int32x4_t te_average_pool_2d_s16_mean(int32x4_t sum, int32_t taps, uint32_t reciprocal) {
    uint32x4_t size = vaddq_n_u32(vreinterpretq_u32_s32(vabsq_s32(sum)), (uint32_t)(taps / 2));
    if (taps > 1)
        size = vmulhq_u32(size, vdupq_n_u32(reciprocal));
    const int32x4_t mean = vreinterpretq_s32_u32(size);
    return vnegq_m_s32(mean, mean, vcmpltq_n_s32(sum, 0));
}

static inline void te_average_pool_2d_s16_store(const te_pool_2d *p, int16_t *to, te_eight sum, int32_t taps,
                                                uint32_t reciprocal, mve_pred16_t lanes) {
    sum.even = te_average_pool_2d_s16_mean(sum.even, taps, reciprocal);
    sum.odd = te_average_pool_2d_s16_mean(sum.odd, taps, reciprocal);
    const int16x8_t mean = te_eight_clamp_s16(te_eight_narrow(sum), p->out_min, p->out_max);
    te_eight_store_s16(to, mean, lanes);
}

#define TE_ELEMENT int16_t
#define TE_SUM te_eight
#define TE_NONE ((te_eight){vdupq_n_s32(0), vdupq_n_s32(0)})
#define TE_TYPED(name, end) name##_s16##end
#include "kernels/helium/average_pool_2d_body.h"
