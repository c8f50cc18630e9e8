/* SPDX-License-Identifier: Apache-2.0 */
/* te_batch_matmul for any width of element: TE_BATCH_MATMUL is the kernel's name, TE_LEFT, TE_RIGHT and
 * TE_RESULT the types of elements, TE_SUM that of sums, TE_SCALE requantises them; included once for each. */
#include "kernels/batch_matmul.h"

TE_KERNEL te_batch_matmul_fn TE_BATCH_MATMUL;

TE_KERNEL void TE_BATCH_MATMUL(const te_batch_matmul *p, const void *a, const void *b, void *out) {
    TE_RESULT *target = out;
    const int32_t matrices = p->batches[0] * p->batches[1] * p->batches[2];
    for (int32_t batch = 0; batch < matrices; batch++) {
        const TE_LEFT *left = (const TE_LEFT *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const TE_RIGHT *right = (const TE_RIGHT *)b + te_batch_matmul_start(p, p->b_batch, batch);
        for (int32_t row = 0; row < p->rows; row++) {
            for (int32_t column = 0; column < p->columns; column++) {
                const TE_LEFT *x = left + row * p->a_row;
                const TE_RIGHT *y = right + column * p->b_column;
                TE_SUM sum = 0;
                for (int32_t d = 0; d < p->depth; d++)
                    sum += (x[d * p->a_depth] - p->a_zero_point) * (y[d * p->b_depth] - p->b_zero_point);
                const int32_t scaled = TE_SCALE(sum, p->multiplier, p->shift) + p->out_zero_point;
                *target++ = (TE_RESULT)te_clamp(scaled, p->out_min, p->out_max);
            }
        }
    }
}

#undef TE_BATCH_MATMUL
#undef TE_LEFT
#undef TE_RIGHT
#undef TE_RESULT
#undef TE_SUM
#undef TE_SCALE
