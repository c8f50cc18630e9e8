/* SPDX-License-Identifier: Apache-2.0 */
/* te_softmax of 8-bit input for Xtensa cores: TE_TYPED(name, end) is name_s8end or name_s8_s16end, TE_RESULT the
   type of outputs, TE_WIDTH their bits; included once for each.

   tinyedge/plan/layout/softmax.py gives `exp` a last entry of 0, number `exps`, for all that is farther. */
#include "kernels/lx.h"
#include "kernels/softmax.h"
#include "kernels/unrolled.h"

/* e to the distance from the row's largest input. */
static inline int32_t TE_TYPED(te_softmax, _xtensa_power)(const te_softmax *p, const int32_t *exp,
                                                          int32_t max, const int8_t *in) {
    return exp[te_lx_min(max - te_lx_byte(in), p->exps)];
}

TE_KERNEL TE_TYPED(te_softmax, _fn) TE_TYPED(te_softmax, _xtensa);

TE_KERNEL void TE_TYPED(te_softmax, _xtensa)(const te_softmax *restrict p, const int8_t *in,
                                             const int32_t *exp, TE_RESULT *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        int32_t max = INT8_MIN;
        uint32_t sum = 0; /* Q12.19 */
        TE_UNROLLED_BY_4
        for (int32_t i = 0; i < p->depth; i++)
            max = te_lx_max(max, te_lx_byte(in + i));
        TE_UNROLLED_BY_4
        for (int32_t i = 0; i < p->depth; i++)
            sum += ((uint32_t)TE_TYPED(te_softmax, _xtensa_power)(p, exp, max, in + i) + (1 << 11)) >> 12;
        const int32_t zeros = te_lx_leading_zeros(sum), right = 12 - zeros + 31 - TE_WIDTH;
        const int32_t scale = te_softmax_reciprocal((int32_t)((sum << zeros) - (UINT32_C(1) << 31)));
        /* A share is scale * power / 2^31, ties up, and an output that / 2^right: nothing where right > 31. */
        const uint32_t doubled = right > 31 ? 0 : (uint32_t)scale * 2, by = (uint32_t)te_min(right, 31);
        const uint32_t half = UINT32_C(1) << (by - 1);
        TE_UNROLLED_BY_4
        for (int32_t i = 0; i < p->depth; i++) {
            const uint32_t power = (uint32_t)TE_TYPED(te_softmax, _xtensa_power)(p, exp, max, in + i);
            const uint32_t share = te_lx_multiply_high_unsigned(doubled, power) + (doubled * power >> 31);
            const int32_t least = -(1 << (TE_WIDTH - 1));
            out[i] = (TE_RESULT)te_lx_min((int32_t)((share + half) >> by) + least, -least - 1);
        }
    }
}

#undef TE_TYPED
#undef TE_RESULT
#undef TE_WIDTH
