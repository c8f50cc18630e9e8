/* SPDX-License-Identifier: Apache-2.0 */
/* What comparisons of real numbers of 8 and of 16 bits share. */
#ifndef TE_HELIUM_COMPARE_H
#define TE_HELIUM_COMPARE_H

#include "kernels/compare.h"
#include "kernels/helium/eight.h"

/* An operand less its zero point, times 2^8, at the scale of both. */
static inline int32x4_t te_compare_four(int32x4_t v, int32_t zero_point, int32_t multiplier, int32_t shift) {
    return te_requantize_all_x4(vshlq_n_s32(vsubq_n_s32(v, zero_point), 8), multiplier, shift);
}

static inline int32x4_t te_compare_result(const te_compare *p, int32x4_t u, int32x4_t v) {
    const int32x4_t less = vdupq_n_s32(p->less), equal = vdupq_n_s32(p->equal);
    int32x4_t result = vpselq_s32(vdupq_n_s32(p->greater), equal, vcmpgtq_s32(u, v));
    if (p->less != p->equal)
        result = vpselq_s32(less, result, vcmpgtq_s32(v, u));
    return result;
}

/* te_compare_scaled of every lane. */
static inline int16x8_t te_compare_eight(const te_compare *p, int16x8_t u, int16x8_t v) {
    te_eight a = te_eight_widen(u), b = te_eight_widen(v);
    a.even = te_compare_four(a.even, p->a_zero_point, p->a_multiplier, p->a_shift);
    b.even = te_compare_four(b.even, p->b_zero_point, p->b_multiplier, p->b_shift);
    a.even = te_compare_result(p, a.even, b.even);
    a.odd = te_compare_four(a.odd, p->a_zero_point, p->a_multiplier, p->a_shift);
    b.odd = te_compare_four(b.odd, p->b_zero_point, p->b_multiplier, p->b_shift);
    a.odd = te_compare_result(p, a.odd, b.odd);
    return te_eight_narrow(a);
}

#endif
