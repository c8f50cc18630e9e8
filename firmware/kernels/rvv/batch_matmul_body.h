/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices, a vector of columns and up to TE_TOGETHER rows at a time: TE_BATCH_MATMUL is the kernel's name,
 * TE_LEFT, TE_RIGHT and TE_RESULT are the types of elements of a, b and out, TE_ROWS(p, a, b, rows, out, vl) makes `vl`
 * columns of so many rows, TE_TOGETHER or 1; included once for each. */
TE_KERNEL te_batch_matmul_fn TE_BATCH_MATMUL;

TE_KERNEL void TE_BATCH_MATMUL(const te_batch_matmul *restrict p, const void *a, const void *b, void *out) {
    TE_RESULT *target = out;
    for (int32_t batch = 0; batch < p->batches[0] * p->batches[1] * p->batches[2]; batch++) {
        const TE_LEFT *const left = (const TE_LEFT *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const TE_RIGHT *right = (const TE_RIGHT *)b + te_batch_matmul_start(p, p->b_batch, batch);
        int32_t column = 0;
        TE_ROLLED
        while (column < p->columns) {
            const size_t vl = __riscv_vsetvl_e32m4((size_t)(p->columns - column));
            int32_t row = 0;
            TE_ROLLED
            for (; row + TE_TOGETHER <= p->rows; row += TE_TOGETHER)
                TE_ROWS(p, left + row * p->a_row, right, TE_TOGETHER, target + row * p->columns + column, vl);
            TE_ROLLED
            for (; row < p->rows; row++)
                TE_ROWS(p, left + row * p->a_row, right, 1, target + row * p->columns + column, vl);
            right += (int32_t)vl * p->b_column;
            column += (int32_t)vl;
        }
        target += p->rows * p->columns;
    }
}

#undef TE_BATCH_MATMUL
#undef TE_ROWS
#undef TE_LEFT
#undef TE_RIGHT
#undef TE_RESULT
#undef TE_TOGETHER
