/* SPDX-License-Identifier: Apache-2.0 */
/* A sum is divided by its taps by a multiplication with M = 2^16 / taps, rounded up: floor(n * M / 2^16) is
   floor(n / taps) as long as n * (M * taps - 2^16) < 2^16, and the second factor is below `taps`. n is at most
   128.5 * taps, so that this holds up to TE_POOL_2D_HELIUM_TAPS. */
#include "kernels/helium/eight.h"
#include "kernels/pool_2d.h"

static inline uint32_t te_average_pool_2d_s8_reciprocal(uint32_t taps) { return UINT16_MAX / taps + 1; }

static inline int16x8_t te_average_pool_2d_s8_add(int16x8_t sum, const int8_t *from, mve_pred16_t lanes) {
    return vaddq_s16(sum, te_eight_load_s8(from, lanes));
}

/* The mean of eight sums, to the nearest, ties away from zero. */
static inline int16x8_t te_average_pool_2d_s8_mean(int16x8_t sum, int32_t taps, uint32_t reciprocal) {
    uint16x8_t size = vaddq_n_u16(vreinterpretq_u16_s16(vabsq_s16(sum)), (uint16_t)(taps / 2));
    if (taps > 1)
        size = vmulhq_u16(size, vdupq_n_u16((uint16_t)reciprocal));
    const int16x8_t mean = vreinterpretq_s16_u16(size);
    return vnegq_m_s16(mean, mean, vcmpltq_n_s16(sum, 0));
}

static inline void te_average_pool_2d_s8_store(const te_pool_2d *p, int8_t *to, int16x8_t sum, int32_t taps,
                                               uint32_t reciprocal, mve_pred16_t lanes) {
    const int16x8_t mean = te_average_pool_2d_s8_mean(sum, taps, reciprocal);
    te_eight_store_s8(to, te_eight_clamp_s8(mean, p->out_min, p->out_max), lanes);
}

#define TE_ELEMENT int8_t
#define TE_SUM int16x8_t
#define TE_NONE vdupq_n_s16(0)
#define TE_TYPED(name, end) name##_s8##end
#include "kernels/helium/average_pool_2d_body.h"
