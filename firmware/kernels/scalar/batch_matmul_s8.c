/* SPDX-License-Identifier: Apache-2.0 */
/* For cores without vectors: two rows of a and four columns of b at a time, so that an element that is loaded meets as
   many, and sums stay in registers. */
#include "kernels/batch_matmul.h"
#include "kernels/unrolled.h"

enum { TE_BATCH_MATMUL_SCALAR_ROWS = 2, TE_BATCH_MATMUL_SCALAR_COLUMNS = 4 };

/* The products of `rows` rows from x on and of `columns` columns from y on. */
static inline __attribute__((always_inline)) void
te_batch_matmul_s8_scalar_block(const te_batch_matmul *p, const int8_t *x, const int8_t *y, int32_t rows,
                                int32_t columns, int8_t *out) {
    int32_t sums[TE_BATCH_MATMUL_SCALAR_ROWS][TE_BATCH_MATMUL_SCALAR_COLUMNS] = {{0}};
    for (int32_t d = p->depth; d > 0; d--) {
        int32_t left[TE_BATCH_MATMUL_SCALAR_ROWS], right[TE_BATCH_MATMUL_SCALAR_COLUMNS];
        TE_UNROLLED
        for (int32_t r = 0; r < rows; r++)
            left[r] = x[r * p->a_row] - p->a_zero_point;
        TE_UNROLLED
        for (int32_t c = 0; c < columns; c++)
            right[c] = y[c * p->b_column] - p->b_zero_point;
        TE_UNROLLED
        for (int32_t r = 0; r < rows; r++) {
            TE_UNROLLED
            for (int32_t c = 0; c < columns; c++)
                sums[r][c] += left[r] * right[c];
        }
        x += p->a_depth;
        y += p->b_depth;
    }
    TE_UNROLLED
    for (int32_t r = 0; r < rows; r++) {
        TE_UNROLLED
        for (int32_t c = 0; c < columns; c++) {
            const int32_t scaled = te_requantize(sums[r][c], p->multiplier, p->shift) + p->out_zero_point;
            out[r * p->columns + c] = (int8_t)te_clamp(scaled, p->out_min, p->out_max);
        }
    }
}

TE_KERNEL te_batch_matmul_fn te_batch_matmul_s8_scalar;

TE_KERNEL void te_batch_matmul_s8_scalar(const te_batch_matmul *restrict p, const void *a, const void *b,
                                         void *out) {
    enum { ROWS = TE_BATCH_MATMUL_SCALAR_ROWS, COLUMNS = TE_BATCH_MATMUL_SCALAR_COLUMNS };
    int8_t *target = out;
    for (int32_t batch = 0; batch < p->batches[0] * p->batches[1] * p->batches[2]; batch++) {
        const int8_t *const left = (const int8_t *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const int8_t *const right = (const int8_t *)b + te_batch_matmul_start(p, p->b_batch, batch);
        for (int32_t row = 0; row < p->rows; row += ROWS) {
            const int two = row + ROWS <= p->rows;
            const int8_t *const x = left + row * p->a_row;
            int32_t column = 0;
            for (; column + COLUMNS <= p->columns; column += COLUMNS) {
                const int8_t *const y = right + column * p->b_column;
                if (two)
                    te_batch_matmul_s8_scalar_block(p, x, y, ROWS, COLUMNS, target + column);
                else
                    te_batch_matmul_s8_scalar_block(p, x, y, 1, COLUMNS, target + column);
            }
            for (; column < p->columns; column++) {
                const int8_t *const y = right + column * p->b_column;
                if (two)
                    te_batch_matmul_s8_scalar_block(p, x, y, ROWS, 1, target + column);
                else
                    te_batch_matmul_s8_scalar_block(p, x, y, 1, 1, target + column);
            }
            target += (two ? ROWS : 1) * p->columns;
        }
    }
}
