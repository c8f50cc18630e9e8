/* SPDX-License-Identifier: Apache-2.0 */
/* A sum of 64 bits is one of products and one of their upper halves, of 32 bits each: times 2^16, the second is less
   than the sum by less than 2^16 for every product, and the first has the lower 32 bits of both. */
#include "kernels/scalar/batch_matmul.h"

static inline __attribute__((always_inline)) void
te_batch_matmul_s16_scalar_block(const te_batch_matmul *p, const int16_t *x, const int16_t *y, int32_t rows,
                                 int32_t columns, int16_t *out) {
    enum { ROWS = TE_BATCH_MATMUL_SCALAR_ROWS, COLUMNS = TE_BATCH_MATMUL_SCALAR_COLUMNS };
    uint32_t sums[ROWS][COLUMNS] = {{0}};
    int32_t upper[ROWS][COLUMNS] = {{0}};
    for (int32_t d = p->depth; d > 0; d--) {
        int32_t left[ROWS];
        TE_UNROLLED
        for (int32_t r = 0; r < rows; r++)
            left[r] = x[r * p->a_row];
        TE_UNROLLED
        for (int32_t c = 0; c < columns; c++) {
            const int32_t right = y[c * p->b_column];
            TE_UNROLLED
            for (int32_t r = 0; r < rows; r++) {
                const int32_t product = left[r] * right;
                sums[r][c] += (uint32_t)product;
                upper[r][c] += product >> 16;
                TE_NOW(upper[r][c]);
            }
        }
        x += p->a_depth;
        y += p->b_depth;
    }
    TE_UNROLLED
    for (int32_t r = 0; r < rows; r++) {
        TE_UNROLLED
        for (int32_t c = 0; c < columns; c++) {
            const uint32_t more = sums[r][c] - ((uint32_t)upper[r][c] << 16);
            const int64_t sum = (int64_t)upper[r][c] * (1 << 16) + more;
            const int32_t scaled = te_requantize_reduced(sum, p->multiplier, p->shift);
            out[r * p->columns + c] = (int16_t)te_clamp(scaled, p->out_min, p->out_max);
        }
    }
}

#define TE_BATCH_MATMUL te_batch_matmul_s16_scalar
#define TE_BLOCK te_batch_matmul_s16_scalar_block
#define TE_LEFT int16_t
#define TE_RIGHT int16_t
#define TE_RESULT int16_t
#include "kernels/scalar/batch_matmul_body.h"
