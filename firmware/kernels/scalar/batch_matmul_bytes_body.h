/* SPDX-License-Identifier: Apache-2.0 */
/* Products with a matrix of bytes, whose sums fit 32 bits: TE_SCALE requantises one; others as batch_matmul_body.h has
 * them. */
/* The products of `rows` rows from x on and of `columns` columns from y on. */
static inline __attribute__((always_inline)) void TE_BLOCK(const te_batch_matmul *p, const TE_LEFT *x,
                                                           const int8_t *y, int32_t rows, int32_t columns,
                                                           TE_RESULT *out) {
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
            const int32_t scaled = TE_SCALE(sums[r][c], p->multiplier, p->shift) + p->out_zero_point;
            out[r * p->columns + c] = (TE_RESULT)te_clamp(scaled, p->out_min, p->out_max);
        }
    }
}

#define TE_RIGHT int8_t
#include "kernels/scalar/batch_matmul_body.h"

#undef TE_SCALE
