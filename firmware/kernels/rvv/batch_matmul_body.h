/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices with sums of 32 bits, a vector of columns and up to four rows at a time, so that one load of b
 * serves four. TE_LEFT and TE_RESULT are the types of elements of a and out, TE_FINISH(p, sums, out, vl) requantises
 * and stores; TE_BATCH_MATMUL and TE_ROWS are the functions' names; included once for each. */

/* The products of `rows` rows of a (4, or 1) and of the next columns. */
static inline __attribute__((always_inline)) void TE_ROWS(const te_batch_matmul *p, const TE_LEFT *a,
                                                          const int8_t *b, int32_t rows, TE_RESULT *out,
                                                          size_t vl) {
    const int32_t next = rows > 1 ? p->a_row : 0;
    vint32m4_t s0 = __riscv_vmv_v_x_i32m4(0, vl), s1 = s0, s2 = s0, s3 = s0;
    TE_ROLLED
    for (int32_t d = p->depth; d > 0; d--) {
        const vint16m2_t v =
            __riscv_vsub_vx_i16m2(te_batch_matmul_load_s8(b, p->b_column, vl), p->b_zero_point, vl);
        s0 = __riscv_vwmacc_vx_i32m4(s0, (int16_t)(a[0] - p->a_zero_point), v, vl);
        if (rows > 1) {
            s1 = __riscv_vwmacc_vx_i32m4(s1, (int16_t)(a[next] - p->a_zero_point), v, vl);
            s2 = __riscv_vwmacc_vx_i32m4(s2, (int16_t)(a[2 * next] - p->a_zero_point), v, vl);
            s3 = __riscv_vwmacc_vx_i32m4(s3, (int16_t)(a[3 * next] - p->a_zero_point), v, vl);
        }
        a += p->a_depth;
        b += p->b_depth;
    }
    TE_FINISH(p, s0, out, vl);
    if (rows > 1) {
        TE_FINISH(p, s1, out + p->columns, vl);
        TE_FINISH(p, s2, out + 2 * p->columns, vl);
        TE_FINISH(p, s3, out + 3 * p->columns, vl);
    }
}

TE_KERNEL te_batch_matmul_fn TE_BATCH_MATMUL;

TE_KERNEL void TE_BATCH_MATMUL(const te_batch_matmul *restrict p, const void *a, const void *b, void *out) {
    enum { ROWS = 4 };
    TE_RESULT *target = out;
    for (int32_t batch = 0; batch < p->batches[0] * p->batches[1] * p->batches[2]; batch++) {
        const TE_LEFT *const left = (const TE_LEFT *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const int8_t *right = (const int8_t *)b + te_batch_matmul_start(p, p->b_batch, batch);
        int32_t column = 0;
        TE_ROLLED
        while (column < p->columns) {
            const size_t vl = __riscv_vsetvl_e32m4((size_t)(p->columns - column));
            int32_t row = 0;
            TE_ROLLED
            for (; row + ROWS <= p->rows; row += ROWS)
                TE_ROWS(p, left + row * p->a_row, right, ROWS, target + row * p->columns + column, vl);
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
#undef TE_RESULT
#undef TE_FINISH
