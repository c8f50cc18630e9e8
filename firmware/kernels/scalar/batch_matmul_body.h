/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices for cores without vectors: two rows of a and four columns of b at a time, so that an element that
 * is loaded meets as many, and sums stay in registers. TE_BATCH_MATMUL is the kernel's name, TE_LEFT, TE_RIGHT and
 * TE_RESULT are the types of elements of a, b and out, TE_BLOCK(p, x, y, rows, columns, out) makes the products of so
 * many rows from x on and columns from y on; included once for each. */
TE_KERNEL te_batch_matmul_fn TE_BATCH_MATMUL;

TE_KERNEL void TE_BATCH_MATMUL(const te_batch_matmul *restrict p, const void *a, const void *b, void *out) {
    enum { ROWS = TE_BATCH_MATMUL_SCALAR_ROWS, COLUMNS = TE_BATCH_MATMUL_SCALAR_COLUMNS };
    TE_RESULT *target = out;
    for (int32_t batch = 0; batch < p->batches[0] * p->batches[1] * p->batches[2]; batch++) {
        const TE_LEFT *const left = (const TE_LEFT *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const TE_RIGHT *const right = (const TE_RIGHT *)b + te_batch_matmul_start(p, p->b_batch, batch);
        for (int32_t row = 0; row < p->rows; row += ROWS) {
            const int two = row + ROWS <= p->rows;
            const TE_LEFT *const x = left + row * p->a_row;
            int32_t column = 0;
            for (; column + COLUMNS <= p->columns; column += COLUMNS) {
                const TE_RIGHT *const y = right + column * p->b_column;
                if (two)
                    TE_BLOCK(p, x, y, ROWS, COLUMNS, target + column);
                else
                    TE_BLOCK(p, x, y, 1, COLUMNS, target + column);
            }
            for (; column < p->columns; column++) {
                const TE_RIGHT *const y = right + column * p->b_column;
                if (two)
                    TE_BLOCK(p, x, y, ROWS, 1, target + column);
                else
                    TE_BLOCK(p, x, y, 1, 1, target + column);
            }
            target += (two ? ROWS : 1) * p->columns;
        }
    }
}

#undef TE_BATCH_MATMUL
#undef TE_LEFT
#undef TE_RIGHT
#undef TE_RESULT
#undef TE_BLOCK
