/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/add.h"

static inline int8_t te_add_s8_element(const te_add *p, int32_t a, int32_t b) {
    const int32_t up = INT32_C(1) << 20;
    const int32_t x = te_requantize((a - p->a_zero_point) * up, p->a_multiplier, p->a_shift);
    const int32_t y = te_requantize((b - p->b_zero_point) * up, p->b_multiplier, p->b_shift);
    const int32_t scaled =
        te_requantize(x + p->sign * y, p->out_multiplier, p->out_shift) + p->out_zero_point;
    return (int8_t)te_clamp(scaled, p->out_min, p->out_max);
}

TE_KERNEL te_add_s8_fn te_add_s8_portable;

TE_KERNEL void te_add_s8_portable(const te_add *restrict p, const int8_t *a, const int8_t *b, int8_t *out) {
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int8_t *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int8_t *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                for (int32_t l = 0; l < p->size[3]; l++)
                    *out++ = te_add_s8_element(p, x[l * p->a_step[3]], y[l * p->b_step[3]]);
            }
        }
    }
}
