/* SPDX-License-Identifier: Apache-2.0 */
/* Products with a matrix of bytes, whose sums are of 32 bits: one load of b serves four rows. TE_FINISH(p, sums, out, vl)
 * requantises and stores; others as batch_matmul_body.h has them. */
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

#define TE_RIGHT int8_t
#define TE_TOGETHER 4
#include "kernels/rvv/batch_matmul_body.h"

#undef TE_FINISH
