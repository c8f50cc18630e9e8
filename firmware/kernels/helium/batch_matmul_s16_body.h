/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices with sums of 64 bits: TE_BATCH_MATMUL, TE_LAY and TE_ADD are the functions' names, TE_RIGHT the type of b's
 * elements, TE_LOAD_EIGHT and TE_GATHER_EIGHT load eight of them; included once for each. */
#include "kernels/helium/batch_matmul.h"

/* `count` columns of b from `from` on, 8 elements of each, the next 8 of each, filled up with zeros. */
static inline void TE_LAY(const te_batch_matmul *p, const TE_RIGHT *from, int32_t count, int16_t *to) {
    enum { COLUMNS = TE_BATCH_MATMUL_COLUMNS };
    for (int32_t c = 0; c < COLUMNS; c++) {
        const TE_RIGHT *source = from + te_min(c, count - 1) * p->b_column;
        int16_t *target = to + c * 8;
        for (int32_t left = p->depth; left > 0; left -= 8) {
            int16x8_t v;
            if (p->b_depth == 1) {
                v = TE_LOAD_EIGHT(source, vctp16q((uint32_t)left));
            } else {
                const uint16x8_t apart = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)p->b_depth);
                v = TE_GATHER_EIGHT(source, apart, vctp16q((uint32_t)left));
            }
            vstrhq_s16(target, v);
            source += 8 * p->b_depth;
            target += 8 * COLUMNS;
        }
    }
}

/* Adds the products of eight elements of a row and of those of the four columns. */
static inline void TE_ADD(int64_t *sums, int16x8_t x, const int16_t *columns) {
    sums[0] = vmlaldavaq_s16(sums[0], x, vldrhq_s16(columns));
    sums[1] = vmlaldavaq_s16(sums[1], x, vldrhq_s16(columns + 8));
    sums[2] = vmlaldavaq_s16(sums[2], x, vldrhq_s16(columns + 16));
    sums[3] = vmlaldavaq_s16(sums[3], x, vldrhq_s16(columns + 24));
}

TE_KERNEL te_batch_matmul_fn TE_BATCH_MATMUL;

TE_KERNEL void TE_BATCH_MATMUL(const te_batch_matmul *restrict p, const void *a, const void *b, void *out) {
    enum { COLUMNS = TE_BATCH_MATMUL_COLUMNS };
    int16_t columns[TE_BATCH_MATMUL_HELIUM_BYTES / 2 * COLUMNS];
    int16_t *target = out;
    for (int32_t batch = 0; batch < p->batches[0] * p->batches[1] * p->batches[2]; batch++) {
        const int16_t *const left = (const int16_t *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const TE_RIGHT *const right = (const TE_RIGHT *)b + te_batch_matmul_start(p, p->b_batch, batch);
        for (int32_t first = 0; first < p->columns; first += COLUMNS) {
            const int32_t count = te_min(p->columns - first, COLUMNS);
            const int16_t *line = left;
            int16_t *to = target + first;
            TE_LAY(p, right + first * p->b_column, count, columns);
            TE_ROLLED
            for (int32_t rows = p->rows; rows > 0; rows--) {
                const int16_t *x = line;
                const int16_t *y = columns;
                int64_t sums[COLUMNS] = {0};
                TE_ROLLED
                for (int32_t i = p->depth / 8; i > 0; i--) {
                    TE_ADD(sums, vldrhq_s16(x), y);
                    x += 8;
                    y += 8 * COLUMNS;
                }
                if (p->depth % 8 > 0)
                    TE_ADD(sums, vldrhq_z_s16(x, vctp16q((uint32_t)(p->depth % 8))), y);
                for (int32_t c = 0; c < count; c++) {
                    const int32_t scaled = te_requantize_reduced(sums[c], p->multiplier, p->shift);
                    to[c] = (int16_t)te_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
                }
                line += p->a_row;
                to += p->columns;
            }
        }
        target += p->rows * p->columns;
    }
}

#undef TE_LAY
#undef TE_ADD
#undef TE_BATCH_MATMUL
#undef TE_RIGHT
#undef TE_LOAD_EIGHT
#undef TE_GATHER_EIGHT
