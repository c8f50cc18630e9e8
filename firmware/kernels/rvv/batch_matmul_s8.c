/* SPDX-License-Identifier: Apache-2.0 */
/* A vector of columns at a time, and up to four rows, so that one load of b serves four. */
#include "kernels/batch_matmul.h"
#include "kernels/rvv/lanes.h"

enum { TE_BATCH_MATMUL_RVV_ROWS = 4 };

/* Elements of an operand from its start to matrix `batch`. */
static inline int32_t te_batch_matmul_start(const te_batch_matmul *p, const int32_t *step, int32_t batch) {
    const int32_t k = batch % p->batches[2];
    const int32_t j = batch / p->batches[2] % p->batches[1];
    const int32_t i = batch / p->batches[2] / p->batches[1];
    return i * step[0] + j * step[1] + k * step[2];
}

/* Elements of b at one depth, less their zero point, of columns from `from` on. */
static inline vint16m2_t te_batch_matmul_s8_load(const te_batch_matmul *p, const int8_t *from, size_t vl) {
    const vint8m1_t v = p->b_column == 1 ? __riscv_vle8_v_i8m1(from, vl)
                                         : __riscv_vlse8_v_i8m1(from, (ptrdiff_t)p->b_column, vl);
    return __riscv_vsub_vx_i16m2(__riscv_vsext_vf2_i16m2(v, vl), p->b_zero_point, vl);
}

static inline void te_batch_matmul_s8_finish(const te_batch_matmul *p, vint32m4_t sum, int8_t *out,
                                             size_t vl) {
    sum = te_lanes_requantize(sum, p->multiplier, p->shift, vl);
    sum = __riscv_vadd_vx_i32m4(sum, p->out_zero_point, vl);
    te_lanes_store_s8(out, te_lanes_clamp(sum, p->out_min, p->out_max, vl), vl);
}

/* The products of `rows` rows of a (4, or 1) and of the next columns. */
static inline __attribute__((always_inline)) void te_batch_matmul_s8_rows(const te_batch_matmul *p,
                                                                          const int8_t *a, const int8_t *b,
                                                                          int32_t rows, int8_t *out,
                                                                          size_t vl) {
    const int32_t next = rows > 1 ? p->a_row : 0;
    vint32m4_t s0 = __riscv_vmv_v_x_i32m4(0, vl), s1 = s0, s2 = s0, s3 = s0;
    TE_ROLLED
    for (int32_t d = p->depth; d > 0; d--) {
        const vint16m2_t v = te_batch_matmul_s8_load(p, b, vl);
        s0 = __riscv_vwmacc_vx_i32m4(s0, (int16_t)(a[0] - p->a_zero_point), v, vl);
        if (rows > 1) {
            s1 = __riscv_vwmacc_vx_i32m4(s1, (int16_t)(a[next] - p->a_zero_point), v, vl);
            s2 = __riscv_vwmacc_vx_i32m4(s2, (int16_t)(a[2 * next] - p->a_zero_point), v, vl);
            s3 = __riscv_vwmacc_vx_i32m4(s3, (int16_t)(a[3 * next] - p->a_zero_point), v, vl);
        }
        a += p->a_depth;
        b += p->b_depth;
    }
    te_batch_matmul_s8_finish(p, s0, out, vl);
    if (rows > 1) {
        te_batch_matmul_s8_finish(p, s1, out + p->columns, vl);
        te_batch_matmul_s8_finish(p, s2, out + 2 * p->columns, vl);
        te_batch_matmul_s8_finish(p, s3, out + 3 * p->columns, vl);
    }
}

TE_KERNEL te_batch_matmul_fn te_batch_matmul_s8_rvv;

TE_KERNEL void te_batch_matmul_s8_rvv(const te_batch_matmul *restrict p, const void *a, const void *b,
                                      void *out) {
    enum { ROWS = TE_BATCH_MATMUL_RVV_ROWS };
    int8_t *target = out;
    for (int32_t batch = 0; batch < p->batches[0] * p->batches[1] * p->batches[2]; batch++) {
        const int8_t *const left = (const int8_t *)a + te_batch_matmul_start(p, p->a_batch, batch);
        const int8_t *right = (const int8_t *)b + te_batch_matmul_start(p, p->b_batch, batch);
        int32_t column = 0;
        TE_ROLLED
        while (column < p->columns) {
            const size_t vl = __riscv_vsetvl_e32m4((size_t)(p->columns - column));
            int32_t row = 0;
            TE_ROLLED
            for (; row + ROWS <= p->rows; row += ROWS)
                te_batch_matmul_s8_rows(p, left + row * p->a_row, right, ROWS,
                                        target + row * p->columns + column, vl);
            TE_ROLLED
            for (; row < p->rows; row++)
                te_batch_matmul_s8_rows(p, left + row * p->a_row, right, 1,
                                        target + row * p->columns + column, vl);
            right += (int32_t)vl * p->b_column;
            column += (int32_t)vl;
        }
        target += p->rows * p->columns;
    }
}
