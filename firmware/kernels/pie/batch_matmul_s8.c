/* SPDX-License-Identifier: Apache-2.0 */
/* For the ESP32-S3's vectors: some columns of b are laid as the weights of a dense layer (dot.h), and each row of a
   meets them. Zero points are taken off afterwards: sums of a row and of a column tell how much they add. */
#include "kernels/pie/batch_matmul.h"
#include "kernels/pie/dot.h"
#include "kernels/pie/load.h"
#include "kernels/pie/ones.h"

/* The sum of `vectors` vectors of bytes. */
TE_PIE_INLINE int32_t te_pie_batch_matmul_sum(te_pie *s, const te_pie_ones *constants, const int8_t *from,
                                              int32_t vectors) {
    const int8_t *ones = constants->ones;
    _Alignas(8) static const int32_t none[2] = {0, 0};
    const int32_t *zero = none;
    int32_t sum;
    TE_PIE_FENCE();
    TE_PIE_LD_ACCX(s, zero, 0);
    TE_PIE_VLD(s, 7, ones, 0);
    for (int32_t i = 0; i < vectors; i++) {
        TE_PIE_VLD(s, 6, from, 16);
        TE_PIE_MAC_LD(s, 7, ones, 0, 6, 7);
    }
    TE_PIE_ACCX(s, sum);
    (void)ones, (void)zero, (void)s;
    return sum;
}

/* Elements a step apart become neighbours. */
TE_PIE_INLINE void te_pie_batch_matmul_lay(int8_t *to, const int8_t *from, int32_t count, int32_t step) {
    if (step == 1) {
        te_pie_copy_some(to, from, count);
        return;
    }
    TE_UNROLLED_BY_4
    for (int32_t i = 0; i < count; i++)
        to[i] = from[i * step];
}

TE_KERNEL te_batch_matmul_pie_fn te_batch_matmul_s8_pie;

TE_KERNEL void te_batch_matmul_s8_pie(const te_batch_matmul *restrict p, const void *a, const void *b,
                                      void *out, int8_t *window) {
    enum { COLUMNS = TE_BATCH_MATMUL_PIE_COLUMNS };
    const int32_t vectors = (p->depth + TE_PIE_VECTOR - 1) / TE_PIE_VECTOR, pitch = vectors * TE_PIE_VECTOR;
    const int32_t steps = p->a_row | p->a_batch[0] | p->a_batch[1] | p->a_batch[2];
    const int direct = p->a_depth == 1 && steps % TE_PIE_VECTOR == 0;
    int8_t *const laid = window + pitch, *target = out;
    te_pie_ones constants;
    te_pie s = {0};
    te_pie_make_ones(&constants, 0);
    memset(window, 0, (size_t)((1 + te_min(p->columns, COLUMNS)) * pitch));
    for (int32_t batch = 0; batch < p->batches[0] * p->batches[1] * p->batches[2]; batch++) {
        const int8_t *const left = (const int8_t *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const int8_t *const right = (const int8_t *)b + te_batch_matmul_start(p, p->b_batch, batch);
        for (int32_t first = 0; first < p->columns; first += COLUMNS) {
            const int32_t count = te_min(p->columns - first, COLUMNS);
            _Alignas(8) int32_t words[2 * COLUMNS];
            for (int32_t c = 0; c < count; c++) {
                int32_t sum = p->depth * p->a_zero_point * p->b_zero_point;
                te_pie_batch_matmul_lay(laid + c * pitch, right + (first + c) * p->b_column, p->depth,
                                        p->b_depth);
                if (p->a_zero_point != 0)
                    sum -=
                        p->a_zero_point * te_pie_batch_matmul_sum(&s, &constants, laid + c * pitch, vectors);
                words[2 * c] = sum, words[2 * c + 1] = 0;
            }
            for (int32_t row = 0; row < p->rows; row++) {
                const int8_t *from = left + row * p->a_row, *w = laid;
                const int32_t *word = words;
                int8_t *to = target + row * p->columns + first;
                int32_t less = 0;
                if (!direct) {
                    te_pie_batch_matmul_lay(window, from, p->depth, p->a_depth);
                    from = window;
                }
                if (p->b_zero_point != 0)
                    less = p->b_zero_point * te_pie_batch_matmul_sum(&s, &constants, from, vectors);
                te_pie_hold(&s, from, vectors);
                TE_PIE_VLD(&s, 7, w, 16);
                TE_UNROLLED_BY_4
                for (int32_t c = 0; c < count; c++) {
                    int32_t sum;
                    TE_PIE_LD_ACCX(&s, word, 8);
                    sum = te_pie_dot(&s, &w, from, vectors) - less;
                    sum = te_pie_requantize(sum, p->multiplier, p->shift, p->out_zero_point,
                                            p->out_min < p->out_zero_point);
                    to[c] = te_pie_limited_s8(sum, p->out_min, p->out_max);
                }
                (void)word;
            }
        }
        target += p->rows * p->columns;
    }
}
