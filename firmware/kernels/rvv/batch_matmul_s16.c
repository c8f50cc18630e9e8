/* SPDX-License-Identifier: Apache-2.0 */
/* A vector of columns and up to two rows at a time. An element of a is 256 times its upper byte and its lower one: a sum
   each, of 32 bits, which the layout (tinyedge/plan/layout/rvv_matmul.py) holds the depth and the shift for. */
#include "kernels/rvv/batch_matmul.h"

/* te_requantize_reduced of 256 * upper + lower, clamped. Rounding down to 2^-24 first changes nothing. */
static inline void te_batch_matmul_s16_finish(const te_batch_matmul *p, vint32m4_t upper, vint32m4_t lower,
                                              int16_t *out, size_t vl) {
    upper = __riscv_vadd_vv_i32m4(upper, __riscv_vsra_vx_i32m4(lower, 8, vl), vl);
    lower = __riscv_vmul_vx_i32m4(__riscv_vand_vx_i32m4(lower, 255, vl), p->multiplier, vl);
    lower = __riscv_vsra_vx_i32m4(lower, 8, vl);
    const vint32m4_t product = __riscv_vmul_vx_i32m4(upper, p->multiplier, vl);
    lower = __riscv_vadd_vv_i32m4(lower, __riscv_vand_vx_i32m4(product, UINT16_MAX, vl), vl);
    upper = __riscv_vmulh_vx_i32m4(upper, p->multiplier * (1 << 16), vl);
    upper = __riscv_vadd_vv_i32m4(upper, __riscv_vsra_vx_i32m4(lower, 16, vl), vl);
    te_batch_matmul_store_s16(p, upper, p->shift - TE_BATCH_MATMUL_RVV_ROUNDED - TE_BATCH_MATMUL_RVV_BYTE,
                              out, vl);
}

/* The products of `rows` rows of a (2, or 1) and of the next columns. */
static inline __attribute__((always_inline)) void te_batch_matmul_s16_rows(const te_batch_matmul *p,
                                                                           const int16_t *a, const int16_t *b,
                                                                           int32_t rows, int16_t *out,
                                                                           size_t vl) {
    const uint8_t *first = (const uint8_t *)a;
    const uint8_t *second = (const uint8_t *)(a + (rows > 1 ? p->a_row : 0));
    vint32m4_t lower0 = __riscv_vmv_v_x_i32m4(0, vl), upper0 = lower0, lower1 = lower0, upper1 = lower0;
    TE_ROLLED
    for (int32_t d = p->depth; d > 0; d--) {
        const vint16m2_t v = te_batch_matmul_load_s16(b, p->b_column, vl);
        lower0 = __riscv_vwmacc_vx_i32m4(lower0, first[0], v, vl);
        upper0 = __riscv_vwmacc_vx_i32m4(upper0, (int8_t)first[1], v, vl);
        if (rows > 1) {
            lower1 = __riscv_vwmacc_vx_i32m4(lower1, second[0], v, vl);
            upper1 = __riscv_vwmacc_vx_i32m4(upper1, (int8_t)second[1], v, vl);
        }
        first += 2 * p->a_depth;
        second += 2 * p->a_depth;
        b += p->b_depth;
    }
    te_batch_matmul_s16_finish(p, upper0, lower0, out, vl);
    if (rows > 1)
        te_batch_matmul_s16_finish(p, upper1, lower1, out + p->columns, vl);
}

#define TE_BATCH_MATMUL te_batch_matmul_s16_rvv
#define TE_ROWS te_batch_matmul_s16_rows
#define TE_LEFT int16_t
#define TE_RIGHT int16_t
#define TE_RESULT int16_t
#define TE_TOGETHER 2
#include "kernels/rvv/batch_matmul_body.h"
