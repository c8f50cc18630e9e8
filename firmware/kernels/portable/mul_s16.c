/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/mul.h"

TE_KERNEL te_mul_s16_fn te_mul_s16_portable;

TE_KERNEL void te_mul_s16_portable(const te_mul *p, const int16_t *a, const int16_t *b, int16_t *out) {
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int16_t *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int16_t *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                for (int32_t l = 0; l < p->size[3]; l++) {
                    const int32_t product =
                        (x[l * p->a_step[3]] - p->a_zero_point) * (y[l * p->b_step[3]] - p->b_zero_point);
                    const int32_t scaled =
                        te_requantize(product, p->multiplier, p->shift) + p->out_zero_point;
                    *out++ = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
                }
            }
        }
    }
}
