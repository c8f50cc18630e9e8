/* SPDX-License-Identifier: Apache-2.0 */
/* What PRELU's kernels of 8 and of 16 bits share. */
#ifndef TE_RVV_PRELU_H
#define TE_RVV_PRELU_H

#include "kernels/prelu.h"
#include "kernels/rvv/lanes.h"

/* te_prelu_element of every lane. */
static inline vint32m4_t te_prelu_lanes(const te_prelu *p, vint32m4_t u, vint32m4_t v, size_t vl) {
    u = __riscv_vsub_vx_i32m4(u, p->a_zero_point, vl);
    v = __riscv_vmul_vv_i32m4(u, __riscv_vsub_vx_i32m4(v, p->b_zero_point, vl), vl);
    v = te_lanes_requantize(v, p->negative_multiplier, p->negative_shift, vl);
    const vbool8_t positive = __riscv_vmsge_vx_i32m4_b8(u, 0, vl);
    u = te_lanes_requantize(u, p->positive_multiplier, p->positive_shift, vl);
    v = __riscv_vadd_vx_i32m4(__riscv_vmerge_vvm_i32m4(v, u, positive, vl), p->out_zero_point, vl);
    return te_lanes_clamp(v, p->out_min, p->out_max, vl);
}

#endif
