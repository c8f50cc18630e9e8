/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices for the ESP32-S3's vectors: some columns of b are laid as the weights of a dense layer (dot.h), and
   each row of a meets them. Zero points are taken off afterwards: sums of a row and of a column tell how much they add.
   TE_BATCH_MATMUL is the kernel's name, TE_LEFT and TE_RIGHT are the types of elements of a and b, TE_OUTPUT(s, p, sum)
   is the output for a sum, of which it gets the lower 32 bits; included once for each. */
TE_KERNEL te_batch_matmul_pie_fn TE_BATCH_MATMUL;

TE_KERNEL void TE_BATCH_MATMUL(const te_batch_matmul *restrict p, const void *a, const void *b, void *out,
                               int8_t *window) {
    enum { COLUMNS = TE_BATCH_MATMUL_PIE_COLUMNS, SIZE = sizeof(TE_LEFT), LANES = TE_PIE_VECTOR / SIZE };
    const int32_t vectors = (p->depth + LANES - 1) / LANES, pitch = vectors * LANES;
    const int32_t steps = p->a_row | p->a_batch[0] | p->a_batch[1] | p->a_batch[2];
    const int direct = p->a_depth == 1 && steps % LANES == 0;
    TE_LEFT *const laid_row = (TE_LEFT *)(void *)window, *const laid = laid_row + pitch, *target = out;
    te_pie_ones constants;
    te_pie s = {0};
    te_pie_make_ones(&constants, 0);
    memset(window, 0, (size_t)((1 + te_min(p->columns, COLUMNS)) * vectors * TE_PIE_VECTOR));
    for (int32_t batch = 0; batch < p->batches[0] * p->batches[1] * p->batches[2]; batch++) {
        const TE_LEFT *const left = (const TE_LEFT *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const TE_RIGHT *const right = (const TE_RIGHT *)b + te_batch_matmul_start(p, p->b_batch, batch);
        for (int32_t first = 0; first < p->columns; first += COLUMNS) {
            const int32_t count = te_min(p->columns - first, COLUMNS);
            _Alignas(8) int32_t words[2 * COLUMNS];
            for (int32_t c = 0; c < count; c++) {
                const TE_RIGHT *const y = right + (first + c) * p->b_column;
                int32_t sum = p->depth * p->a_zero_point * p->b_zero_point;
                TE_PIE_BATCH_MATMUL_LAY(laid + c * pitch, y, p->depth, p->b_depth);
                if (p->a_zero_point != 0)
                    sum -= p->a_zero_point * te_pie_batch_matmul_sum(
                                                 &s, &constants, (const int8_t *)(laid + c * pitch), vectors);
                words[2 * c] = sum, words[2 * c + 1] = 0;
            }
            for (int32_t row = 0; row < p->rows; row++) {
                const TE_LEFT *const x = left + row * p->a_row;
                const int8_t *from = (const int8_t *)x, *w = (const int8_t *)laid;
                const int32_t *word = words;
                TE_LEFT *to = target + row * p->columns + first;
                int32_t less = 0;
                if (!direct) {
                    TE_PIE_BATCH_MATMUL_LAY(laid_row, x, p->depth, p->a_depth);
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
                    sum = te_pie_dot(&s, SIZE > 1, &w, from, vectors) - less;
                    to[c] = TE_OUTPUT(&s, p, sum);
                }
                (void)word;
            }
        }
        target += p->rows * p->columns;
    }
}

#undef TE_BATCH_MATMUL
#undef TE_LEFT
#undef TE_RIGHT
#undef TE_OUTPUT
