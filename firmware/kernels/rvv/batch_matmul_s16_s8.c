/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/batch_matmul.h"

/* te_requantize_reduced, clamped. Rounding down to 2^-16 first changes nothing. */
static inline void te_batch_matmul_s16_s8_finish(const te_batch_matmul *p, vint32m4_t sum, int16_t *out,
                                                 size_t vl) {
    sum = __riscv_vmulh_vx_i32m4(sum, p->multiplier * (1 << 16), vl);
    te_batch_matmul_store_s16(p, sum, p->shift - TE_BATCH_MATMUL_RVV_ROUNDED, out, vl);
}

#define TE_BATCH_MATMUL te_batch_matmul_s16_s8_rvv
#define TE_ROWS te_batch_matmul_s16_s8_rows
#define TE_LEFT int16_t
#define TE_RESULT int16_t
#define TE_FINISH te_batch_matmul_s16_s8_finish
#include "kernels/rvv/batch_matmul_bytes_body.h"
