/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/add_linear.h"

TE_KERNEL te_add_linear_s8_fn te_add_linear_s8_portable;

TE_KERNEL void te_add_linear_s8_portable(const te_add_linear *restrict p, const int8_t *a, const int8_t *b,
                                         int8_t *out) {
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const int8_t *x = a + i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int8_t *y = b + i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                for (int32_t l = 0; l < p->size[3]; l++) {
                    const int32_t sum = *x * p->a_factor + *y * p->b_factor + p->offset;
                    *out++ = (int8_t)te_clamp(sum >> p->shift, p->out_min, p->out_max);
                    x += p->a_step[3];
                    y += p->b_step[3];
                }
            }
        }
    }
}
