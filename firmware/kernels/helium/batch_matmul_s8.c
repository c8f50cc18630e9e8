/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/helium/batch_matmul.h"

enum { TE_BATCH_MATMUL_S8_LANES = 16 };

/* `count` columns of b from `from` on, 16 elements of each, the next 16 of each, filled up with zeros; `sums`
   of each. */
static inline void te_batch_matmul_s8_lay(const te_batch_matmul *p, const int8_t *from, int32_t count,
                                          int8_t *to, int32_t *sums) {
    enum { COLUMNS = TE_BATCH_MATMUL_COLUMNS, LANES = TE_BATCH_MATMUL_S8_LANES };
    if (p->b_depth == 1) {
        for (int32_t c = 0; c < COLUMNS; c++) {
            const int8_t *source = from + te_min(c, count - 1) * p->b_column;
            int8_t *target = to + c * LANES;
            int32_t sum = 0;
            for (int32_t left = p->depth; left > 0; left -= LANES) {
                const int8x16_t v = vldrbq_z_s8(source, vctp8q((uint32_t)left));
                sum = vaddvaq_s8(sum, v);
                vstrbq_s8(target, v);
                source += LANES;
                target += COLUMNS * LANES;
            }
            sums[c] = sum;
        }
        return;
    }
    /* A row of b holds an element of each column, side by side. */
    const uint32x4_t apart = vmulq_n_u32(vidupq_n_u32(0, 1), LANES);
    const mve_pred16_t lanes = vctp32q((uint32_t)count);
    const int32_t whole = (p->depth + LANES - 1) / LANES * LANES;
    int32x4_t sum = vdupq_n_s32(0);
    for (int32_t d = 0; d < whole; d++) {
        int32x4_t v = vdupq_n_s32(0);
        if (d < p->depth)
            v = vldrbq_z_s32(from + d * p->b_depth, lanes);
        sum = vaddq_s32(sum, v);
        vstrbq_scatter_offset_s32(to + d / LANES * COLUMNS * LANES + d % LANES, apart, v);
    }
    vstrwq_s32(sums, sum);
}

/* Products of `rows` rows, 2 or 1, and the four columns. */
static inline __attribute__((always_inline)) void te_batch_matmul_s8_tile(const int8_t *x, int32_t pitch,
                                                                          const int8_t *y, int32_t depth,
                                                                          int32_t rows, int32x4_t *sums) {
    enum { LANES = TE_BATCH_MATMUL_S8_LANES };
    int32_t a[2][TE_BATCH_MATMUL_COLUMNS] = {{0}};
    const int8_t *next = x + (rows - 1) * pitch;
    /* Its end is that of x: a counter would have a register that can hold a sum. */
    const int8_t *const end = x + depth / LANES * LANES;
    TE_ROLLED
    while (x != end) {
        const int8x16_t u = vldrbq_s8(x), v = rows > 1 ? vldrbq_s8(next) : u;
        for (int32_t c = 0; c < TE_BATCH_MATMUL_COLUMNS; c++) {
            const int8x16_t w = vldrbq_s8(y + c * LANES);
            a[0][c] = vmladavaq_s8(a[0][c], u, w);
            if (rows > 1)
                a[1][c] = vmladavaq_s8(a[1][c], v, w);
        }
        x += LANES;
        next += LANES;
        y += TE_BATCH_MATMUL_COLUMNS * LANES;
        TE_ODD(x);
        TE_ODD(y);
    }
    if (depth % LANES > 0) { /* zeros follow in y alone */
        const mve_pred16_t some = vctp8q((uint32_t)(depth % LANES));
        const int8x16_t u = vldrbq_z_s8(x, some), v = rows > 1 ? vldrbq_z_s8(next, some) : u;
        for (int32_t c = 0; c < TE_BATCH_MATMUL_COLUMNS; c++) {
            const int8x16_t w = vldrbq_s8(y + c * LANES);
            a[0][c] = vmladavaq_s8(a[0][c], u, w);
            if (rows > 1)
                a[1][c] = vmladavaq_s8(a[1][c], v, w);
        }
    }
    for (int32_t r = 0; r < rows; r++) {
        sums[r] = vdupq_n_s32(a[r][0]);
        sums[r] = vsetq_lane_s32(a[r][1], sums[r], 1);
        sums[r] = vsetq_lane_s32(a[r][2], sums[r], 2);
        sums[r] = vsetq_lane_s32(a[r][3], sums[r], 3);
    }
}

/* `rows` rows of a matrix, of which `row_sums` are the sums, times the columns laid. */
static inline __attribute__((always_inline)) void
te_batch_matmul_s8_columns(const te_batch_matmul *p, const int8_t *a, const int32_t *row_sums,
                           const int8_t *columns, int32x4_t start, int32_t rows, mve_pred16_t lanes,
                           int8_t *out) {
    int32x4_t sums[2];
    te_batch_matmul_s8_tile(a, p->a_row, columns, p->depth, rows, sums);
    for (int32_t r = 0; r < rows; r++) {
        int32x4_t v = vaddq_s32(sums[r], start);
        if (p->b_zero_point != 0)
            v = vaddq_n_s32(v, -p->b_zero_point * row_sums[r]);
        v = vaddq_n_s32(te_requantize_all_x4(v, p->multiplier, p->shift), p->out_zero_point);
        v = vminq_s32(vmaxq_s32(v, vdupq_n_s32(p->out_min)), vdupq_n_s32(p->out_max));
        vstrbq_p_s32(out + r * p->columns, v, lanes);
    }
}

TE_KERNEL te_batch_matmul_fn te_batch_matmul_s8_helium;

TE_KERNEL void te_batch_matmul_s8_helium(const te_batch_matmul *restrict p, const void *a, const void *b,
                                         void *out) {
    enum { COLUMNS = TE_BATCH_MATMUL_COLUMNS, ROWS = TE_BATCH_MATMUL_ROWS };
    int8_t columns[TE_BATCH_MATMUL_HELIUM_BYTES * COLUMNS];
    int32_t row_sums[ROWS], column_sums[COLUMNS];
    int8_t *target = out;
    for (int32_t batch = 0; batch < p->batches[0] * p->batches[1] * p->batches[2]; batch++) {
        const int8_t *const left = (const int8_t *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const int8_t *const right = (const int8_t *)b + te_batch_matmul_start(p, p->b_batch, batch);
        for (int32_t top = 0; top < p->rows; top += ROWS) {
            const int32_t rows = te_min(p->rows - top, ROWS);
            for (int32_t r = 0; r < rows && p->b_zero_point != 0; r++) {
                const int8_t *x = left + (top + r) * p->a_row;
                int32_t sum = 0;
                for (int32_t d = p->depth; d > 0; d -= 16) {
                    sum = vaddvaq_s8(sum, vldrbq_z_s8(x, vctp8q((uint32_t)d)));
                    x += 16;
                }
                row_sums[r] = sum;
            }
            for (int32_t first = 0; first < p->columns; first += COLUMNS) {
                const int32_t count = te_min(p->columns - first, COLUMNS);
                const mve_pred16_t lanes = vctp32q((uint32_t)count);
                te_batch_matmul_s8_lay(p, right + first * p->b_column, count, columns, column_sums);
                const int32x4_t start = vmlaq_n_s32(vdupq_n_s32(p->depth * p->a_zero_point * p->b_zero_point),
                                                    vldrwq_s32(column_sums), -p->a_zero_point);
                int32_t r = 0;
                TE_ROLLED
                for (; r + 2 <= rows; r += 2)
                    te_batch_matmul_s8_columns(p, left + (top + r) * p->a_row, row_sums + r, columns, start,
                                               2, lanes, target + (top + r) * p->columns + first);
                if (r < rows)
                    te_batch_matmul_s8_columns(p, left + (top + r) * p->a_row, row_sums + r, columns, start,
                                               1, lanes, target + (top + r) * p->columns + first);
            }
        }
        target += p->rows * p->columns;
    }
}
