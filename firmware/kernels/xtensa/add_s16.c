/* SPDX-License-Identifier: Apache-2.0 */
/* For cores whose multiplication gives either half of a product, and no carry: what te_requantize rounds is
   the lowest bit of what it keeps, so the upper half and one bit of the lower one are all that is needed.

   Zero points are 0, shifts to the right, and the sum's at least 1 (tinyedge/plan/layout/pairs.py).
   Operands are brought to 2^29 at most, and so sums to 2^30. */
#include "kernels/add.h"

/* (value * multiplier + 2^(bit)) / 2^(bit + 1), `shifted` being value * 2^(31 - bit); then te_divide_by_power,
   of less than 2^31 - 2^22. */
static inline int32_t te_add_s16_xtensa_scale(int32_t value, int32_t shifted, int32_t multiplier, int32_t bit,
                                              int32_t right) {
    const uint32_t low = (uint32_t)value * (uint32_t)multiplier;
    const int32_t scaled = te_product_high(shifted, multiplier) + (int32_t)(low >> bit & 1);
    if (right == 0)
        return scaled;
    return (scaled + (INT32_C(1) << (right - 1)) + (scaled >> 31)) >> right;
}

/* An operand times 2^15, at twice the larger of the operands' scales. */
static inline int32_t te_add_s16_xtensa_operand(int32_t value, int32_t multiplier, int32_t right) {
    if (multiplier == 1 << 30 && right == 0) /* the larger scale is halved */
        return value * (1 << 14);
    return te_add_s16_xtensa_scale(value, value * (1 << 16), multiplier, 15, right);
}

TE_KERNEL te_add_s16_fn te_add_s16_xtensa;

TE_KERNEL void te_add_s16_xtensa(const te_add *restrict p, const int16_t *a, const int16_t *b, int16_t *out) {
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int16_t *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int16_t *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                for (int32_t l = 0; l < p->size[3]; l++) {
                    const int32_t u = te_add_s16_xtensa_operand(*x, p->a_multiplier, -p->a_shift);
                    const int32_t v = te_add_s16_xtensa_operand(*y, p->b_multiplier, -p->b_shift);
                    const int32_t sum = u + p->sign * v;
                    const int32_t scaled =
                        te_add_s16_xtensa_scale(sum, sum * 2, p->out_multiplier, 30, -p->out_shift);
                    *out++ = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
                    x += p->a_step[3];
                    y += p->b_step[3];
                }
            }
        }
    }
}
