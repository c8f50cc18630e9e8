/* SPDX-License-Identifier: Apache-2.0 */
/* What MUL's kernels of 8 and of 16 bits share. */
#ifndef TE_HELIUM_MUL_H
#define TE_HELIUM_MUL_H

#include "kernels/helium/eight.h"
#include "kernels/mul.h"

/* Products before they are clamped; zero points of 16 bits are 0. */
static inline int16x8_t te_mul_eight(const te_mul *p, int16x8_t u, int16x8_t v) {
    if (p->a_zero_point != 0)
        u = vsubq_n_s16(u, p->a_zero_point);
    if (p->b_zero_point != 0)
        v = vsubq_n_s16(v, p->b_zero_point);
    const te_eight scaled = te_eight_requantize(te_eight_product(u, v), p->multiplier, p->shift);
    int16x8_t result = te_eight_narrow(scaled);
    if (p->out_zero_point != 0)
        result = vqaddq_n_s16(result, p->out_zero_point);
    return result;
}

#endif
