/* SPDX-License-Identifier: Apache-2.0 */
/* What PRELU's kernels of 8 and of 16 bits share. */
#ifndef TE_HELIUM_PRELU_H
#define TE_HELIUM_PRELU_H

#include "kernels/helium/eight.h"
#include "kernels/prelu.h"

/* te_prelu_element of every lane, before it is clamped; zero points of 16 bits are 0. */
static inline int16x8_t te_prelu_eight(const te_prelu *p, int16x8_t u, int16x8_t v) {
    if (p->a_zero_point != 0)
        u = vsubq_n_s16(u, p->a_zero_point);
    if (p->b_zero_point != 0)
        v = vsubq_n_s16(v, p->b_zero_point);
    const int16x8_t plain =
        te_eight_narrow(te_eight_requantize(te_eight_widen(u), p->positive_multiplier, p->positive_shift));
    const int16x8_t sloped = te_eight_narrow(
        te_eight_requantize(te_eight_product(u, v), p->negative_multiplier, p->negative_shift));
    int16x8_t result = vpselq_s16(plain, sloped, vcmpgeq_n_s16(u, 0));
    if (p->out_zero_point != 0)
        result = vqaddq_n_s16(result, p->out_zero_point);
    return result;
}

#endif
