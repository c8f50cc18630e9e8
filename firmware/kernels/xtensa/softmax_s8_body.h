/* SPDX-License-Identifier: Apache-2.0 */
/* te_softmax of 8-bit input for Xtensa cores: TE_TYPED(name, end) is name_s8end or name_s8_s16end, TE_RESULT the
   type of outputs, TE_WIDTH their bits; included once for each.

   tinyedge/plan/layout/softmax.py gives `exp` a last entry of 0, number `exps`, for all that is farther. */
#include "kernels/lx.h"
#include "kernels/softmax.h"
#include "kernels/unrolled.h"

/* Four inputs, each 128 more: those of a row that is whole words. */
static inline uint32_t TE_TYPED(te_softmax, _xtensa_four)(const int8_t *in) {
    return *(const uint32_t *)(const void *)in ^ 0x80808080u;
}

/* e to this distance from the row's largest input. */
static inline uint32_t TE_TYPED(te_softmax, _xtensa_power)(const te_softmax *p, const int32_t *exp,
                                                           int32_t distance) {
    return (uint32_t)exp[p->exps > UINT8_MAX ? distance : te_lx_min(distance, p->exps)];
}

TE_KERNEL TE_TYPED(te_softmax, _fn) TE_TYPED(te_softmax, _xtensa);

TE_KERNEL void TE_TYPED(te_softmax, _xtensa)(const te_softmax *restrict p, const int8_t *in,
                                             const int32_t *exp, TE_RESULT *out) {
    enum { KEPT = 128 };
    const int keep = p->depth <= KEPT; /* they are looked up once */
    const int32_t fours = p->depth % 4 == 0 ? p->depth : 0;
    uint32_t kept[KEPT];
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        int32_t max = 0;  /* 128 more, too */
        uint32_t sum = 0; /* Q12.19 */
        for (int32_t i = 0; i < fours; i += 4) {
            const uint32_t four = TE_TYPED(te_softmax, _xtensa_four)(in + i);
            TE_UNROLLED
            for (int32_t at = 0; at < 32; at += 8)
                max = te_lx_max(max, (int32_t)(four >> at & 255));
        }
        TE_UNROLLED_BY_4
        for (int32_t i = fours; i < p->depth; i++)
            max = te_lx_max(max, te_lx_byte(in + i) + 128);
        for (int32_t i = 0; i < fours; i += 4) {
            const uint32_t four = (uint32_t)max * 0x01010101u - TE_TYPED(te_softmax, _xtensa_four)(in + i);
            TE_UNROLLED
            for (int32_t at = 0; at < 4; at++) {
                const int32_t distance = (int32_t)(four >> 8 * at & 255);
                const uint32_t power = TE_TYPED(te_softmax, _xtensa_power)(p, exp, distance);
                if (keep)
                    kept[i + at] = power;
                sum += (power + (1 << 11)) >> 12;
            }
        }
        TE_UNROLLED_BY_4
        for (int32_t i = fours; i < p->depth; i++) {
            const int32_t distance = max - 128 - te_lx_byte(in + i);
            const uint32_t power = TE_TYPED(te_softmax, _xtensa_power)(p, exp, distance);
            if (keep)
                kept[i] = power;
            sum += (power + (1 << 11)) >> 12;
        }
        const int32_t zeros = te_lx_leading_zeros(sum), right = 12 - zeros + 31 - TE_WIDTH;
        const int32_t scale = te_softmax_reciprocal((int32_t)((sum << zeros) - (UINT32_C(1) << 31)));
        /* A share is scale * power / 2^31, ties up, and an output that / 2^right, by a product: nothing where right is
           larger than 31. */
        const uint32_t doubled = right > 31 ? 0 : (uint32_t)scale * 2;
        const uint32_t half = UINT32_C(1) << (te_min(right, 31) - 1), part = UINT32_C(1)
                                                                             << (32 - te_min(right, 31));
        TE_UNROLLED_BY_4
        for (int32_t i = 0; i < p->depth; i++) {
            const uint32_t power =
                keep ? kept[i] : TE_TYPED(te_softmax, _xtensa_power)(p, exp, max - 128 - te_lx_byte(in + i));
            const uint32_t share = te_lx_multiply_high_unsigned(doubled, power) + (doubled * power >> 31);
            const int32_t least = -(1 << (TE_WIDTH - 1));
            const int32_t result = (int32_t)te_lx_multiply_high_unsigned(share + half, part) + least;
            out[i] = (TE_RESULT)te_lx_min(result, -least - 1);
        }
    }
}

#undef TE_TYPED
#undef TE_RESULT
#undef TE_WIDTH
