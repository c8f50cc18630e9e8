/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/batch_matmul.h"
#include "kernels/rvv/lanes.h"

static inline void te_batch_matmul_s8_finish(const te_batch_matmul *p, vint32m4_t sum, int8_t *out,
                                             size_t vl) {
    sum = te_lanes_requantize(sum, p->multiplier, p->shift, vl);
    sum = __riscv_vadd_vx_i32m4(sum, p->out_zero_point, vl);
    te_lanes_store_s8(out, te_lanes_clamp(sum, p->out_min, p->out_max, vl), vl);
}

#define TE_BATCH_MATMUL te_batch_matmul_s8_rvv
#define TE_ROWS te_batch_matmul_s8_rows
#define TE_LEFT int8_t
#define TE_RESULT int8_t
#define TE_FINISH te_batch_matmul_s8_finish
#include "kernels/rvv/batch_matmul_bytes_body.h"
