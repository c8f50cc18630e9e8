/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices with sums of 64 bits, two an instruction, of two rows with two columns: TE_BATCH_MATMUL(end) is
 * the kernel's name with `end`, TE_RIGHT the type of b's elements; included once for each. Zero points are 0. */
#include "kernels/batch_matmul.h"
#include "kernels/dsp/halves.h"
#include "kernels/unrolled.h"

static inline __attribute__((always_inline)) void TE_BATCH_MATMUL(_tile)(const te_batch_matmul *p,
                                                                         const int16_t *x, const TE_RIGHT *y,
                                                                         int32_t rows, int32_t columns,
                                                                         int16_t *out) {
    const int32_t beside = columns > 1 ? p->b_column : 0; /* a single one is computed twice */
    int64_t sums[2][2] = {{0, 0}, {0, 0}};
    int32_t left = p->depth;
    TE_FOURFOLD
    for (; left >= 2; left -= 2, x += 2 * p->a_depth, y += 2 * p->b_depth) {
        uint32_t first, second;
        if (sizeof *y == sizeof *x && p->b_depth == 1) {
            first = te_halves_word(y);
            second = te_halves_word(y + beside);
        } else if (sizeof *y == sizeof *x && beside == 1) {
            const uint32_t upper = te_halves_word(y), lower = te_halves_word(y + p->b_depth);
            first = te_halves_lower(upper, lower);
            second = te_halves_upper(upper, lower);
        } else {
            first = te_halves_pack(y[0], y[p->b_depth]);
            second = te_halves_pack(y[beside], y[beside + p->b_depth]);
        }
        TE_UNROLLED
        for (int32_t i = 0; i < rows; i++) {
            const int16_t *const from = x + i * p->a_row;
            const uint32_t two =
                p->a_depth == 1 ? te_halves_word(from) : te_halves_pack(from[0], from[p->a_depth]);
            sums[i][0] = te_halves_add_products_s64(sums[i][0], two, first);
            sums[i][1] = te_halves_add_products_s64(sums[i][1], two, second);
        }
    }
    TE_UNROLLED
    for (int32_t i = 0; i < rows; i++) {
        TE_UNROLLED
        for (int32_t c = 0; c < columns; c++) {
            const int64_t sum = sums[i][c] + (left > 0 ? x[i * p->a_row] * y[c * beside] : 0);
            const int32_t scaled = te_requantize_reduced(sum, p->multiplier, p->shift);
            out[i * p->columns + c] = te_halves_limit_s16(scaled, p->out_min, p->out_max);
        }
    }
}

/* One or two rows. */
static inline __attribute__((always_inline)) void TE_BATCH_MATMUL(_rows)(const te_batch_matmul *p,
                                                                         const int16_t *x, const TE_RIGHT *y,
                                                                         int32_t rows, int16_t *out) {
    int32_t left = p->columns;
    TE_ROLLED
    for (; left >= 2; left -= 2, y += 2 * p->b_column, out += 2)
        TE_BATCH_MATMUL(_tile)(p, x, y, rows, 2, out);
    if (left > 0)
        TE_BATCH_MATMUL(_tile)(p, x, y, rows, 1, out);
}

TE_KERNEL te_batch_matmul_fn TE_BATCH_MATMUL();

TE_KERNEL void TE_BATCH_MATMUL()(const te_batch_matmul *restrict p, const void *a, const void *b, void *out) {
    int16_t *to = out;
    const int32_t matrices = p->batches[0] * p->batches[1] * p->batches[2];
    for (int32_t batch = 0; batch < matrices; batch++) {
        const int16_t *x = (const int16_t *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const TE_RIGHT *const y = (const TE_RIGHT *)b + te_batch_matmul_start(p, p->b_batch, batch);
        int32_t left = p->rows;
        TE_ROLLED
        for (; left >= 2; left -= 2, x += 2 * p->a_row, to += 2 * p->columns)
            TE_BATCH_MATMUL(_rows)(p, x, y, 2, to);
        if (left > 0) {
            TE_BATCH_MATMUL(_rows)(p, x, y, 1, to);
            to += p->columns;
        }
    }
}

#undef TE_BATCH_MATMUL
#undef TE_RIGHT
