/* SPDX-License-Identifier: Apache-2.0 */
/* What MUL's kernels of 8 and of 16 bits share. */
#ifndef TE_RVV_MUL_H
#define TE_RVV_MUL_H

#include "kernels/mul.h"
#include "kernels/rvv/lanes.h"

static inline vint32m4_t te_mul_lanes(const te_mul *p, vint32m4_t u, vint32m4_t v, size_t vl) {
    if (p->a_zero_point != 0)
        u = __riscv_vsub_vx_i32m4(u, p->a_zero_point, vl);
    if (p->b_zero_point != 0)
        v = __riscv_vsub_vx_i32m4(v, p->b_zero_point, vl);
    v = te_lanes_requantize(__riscv_vmul_vv_i32m4(u, v, vl), p->multiplier, p->shift, vl);
    v = __riscv_vadd_vx_i32m4(v, p->out_zero_point, vl);
    return te_lanes_clamp(v, p->out_min, p->out_max, vl);
}

#endif
