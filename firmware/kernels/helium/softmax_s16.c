/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements at a time. */
#include "kernels/helium/eight.h"
#include "kernels/softmax.h"

/* te_softmax_interpolate of eight. With a fraction of 7 bits moved up
   by 8, the rounding doubling high multiplication is (slope * fraction + 64) / 128, rounded down. */
static inline int16x8_t te_softmax_interpolate_eight(const int16_t *points, int16x8_t x) {
    const uint16x8_t at = vreinterpretq_u16_s16(vaddq_n_s16(vshrq_n_s16(x, 7), 256));
    const int16x8_t start = vldrhq_gather_shifted_offset_s16(points, at);
    const int16x8_t slope = vsubq_s16(vldrhq_gather_shifted_offset_s16(points + 1, at), start);
    const int16x8_t fraction = vshlq_n_s16(vandq_s16(x, vdupq_n_s16(127)), 8);
    return vaddq_s16(start, vqrdmulhq_s16(slope, fraction));
}

/* e to the distances of eight elements from the row's largest. */
static inline int16x8_t te_softmax_powers(const te_softmax *p, const int16_t *exp, int16x8_t in,
                                          int32_t max) {
    te_eight v = te_eight_widen(in);
    v.even = vsubq_n_s32(v.even, max);
    v.odd = vsubq_n_s32(v.odd, max);
    v = te_eight_requantize(v, p->multiplier, p->shift);
    v.even = vaddq_n_s32(v.even, INT16_MAX);
    v.odd = vaddq_n_s32(v.odd, INT16_MAX);
    return te_softmax_interpolate_eight(exp, te_eight_narrow(v));
}

TE_KERNEL te_softmax_s16_fn te_softmax_s16_helium;

TE_KERNEL void te_softmax_s16_helium(const te_softmax *restrict p, const int16_t *in, const int16_t *exp,
                                     const int16_t *reciprocal, int16_t *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        int32_t max = INT16_MIN;
        TE_ROLLED
        for (int32_t i = 0; i < p->depth; i += 8) {
            const mve_pred16_t lanes = vctp16q((uint32_t)(p->depth - i));
            max = vmaxvq_p_s16((int16_t)max, te_eight_load_s16(in + i, lanes), lanes);
        }
        uint32_t sum = 0; /* Q16.15, below 2^31 */
        TE_ROLLED
        for (int32_t i = 0; i < p->depth; i += 8) {
            const mve_pred16_t lanes = vctp16q((uint32_t)(p->depth - i));
            const int16x8_t power = te_softmax_powers(p, exp, te_eight_load_s16(in + i, lanes), max);
            te_eight_store_s16(out + i, power, lanes);
            sum = vaddvaq_p_u16(sum, vreinterpretq_u16_s16(power), lanes);
        }
        int32_t bits = 30; /* of the sum, less one */
        for (; sum < UINT32_C(1) << 30; sum <<= 1)
            bits--;
        /* sum / 2^30 - 1 is in [0, 1); as 16 bits around 0 it is the table's argument. */
        const int32_t rest = (int32_t)((sum + (1 << 13)) >> 14) - (1 << 16) + INT16_MIN;
        const int32_t scale = te_softmax_interpolate(reciprocal, te_min(rest, INT16_MAX));
        TE_ROLLED
        for (int32_t i = 0; i < p->depth; i += 8) {
            const mve_pred16_t lanes = vctp16q((uint32_t)(p->depth - i));
            const int16x8_t power = te_eight_load_s16(out + i, lanes);
            te_eight share = te_eight_product(power, vdupq_n_s16((int16_t)scale));
            share.even = vrshlq_n_s32(share.even, -bits);
            share.odd = vrshlq_n_s32(share.odd, -bits);
            te_eight_store_s16(out + i, vmaxq_s16(te_eight_narrow(share), vdupq_n_s16(0)), lanes);
        }
    }
}
