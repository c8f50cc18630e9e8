/* SPDX-License-Identifier: Apache-2.0 */
/* te_select by rows: TE_SELECT is the kernel's name; te_select_8, te_select_16 and te_select_32, which are there
   before this is included, each make a row of elements of so many bits. */
#include "kernels/select.h"

TE_KERNEL te_select_fn TE_SELECT;

TE_KERNEL void TE_SELECT(const te_select *restrict p, const void *condition, const void *a, const void *b,
                         void *out) {
    int32_t done = 0;
    for (int32_t i = 0; i < p->size[0]; i++) {
        for (int32_t j = 0; j < p->size[1]; j++) {
            for (int32_t k = 0; k < p->size[2]; k++) {
                const uint8_t *c =
                    (const uint8_t *)condition + i * p->c_step[0] + j * p->c_step[1] + k * p->c_step[2];
                const int32_t x = i * p->a_step[0] + j * p->a_step[1] + k * p->a_step[2];
                const int32_t y = i * p->b_step[0] + j * p->b_step[1] + k * p->b_step[2];
                if (p->width == 1)
                    te_select_8(p, c, (const uint8_t *)a + x, (const uint8_t *)b + y, (uint8_t *)out + done);
                else if (p->width == 2)
                    te_select_16(p, c, (const uint16_t *)a + x, (const uint16_t *)b + y,
                                 (uint16_t *)out + done);
                else
                    te_select_32(p, c, (const uint32_t *)a + x, (const uint32_t *)b + y,
                                 (uint32_t *)out + done);
                done += p->size[3];
            }
        }
    }
}

#undef TE_SELECT
