/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/select.h"

TE_KERNEL te_select_fn te_select_portable;

TE_KERNEL void te_select_portable(const te_select *restrict p, const void *condition, const void *a,
                                  const void *b, void *out) {
    const uint8_t *first = a;
    const uint8_t *second = b;
    uint8_t *target = out;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const uint8_t *chosen =
                    (const uint8_t *)condition + i * p->c_step[0] + j * p->c_step[1] + k * p->c_step[2];
                const int32_t x = i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int32_t y = i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                for (int32_t l = 0; l < p->size[3]; l++) {
                    const uint8_t *from = chosen[l * p->c_step[3]]
                                              ? first + (x + l * p->a_step[3]) * p->width
                                              : second + (y + l * p->b_step[3]) * p->width;
                    memmove(target, from, (size_t)p->width);
                    target += p->width;
                }
            }
        }
    }
}
