/* SPDX-License-Identifier: Apache-2.0 */
/* What comparisons of real numbers of 8 and of 16 bits share. */
#ifndef TE_RVV_COMPARE_H
#define TE_RVV_COMPARE_H

#include "kernels/compare.h"
#include "kernels/rvv/lanes.h"

/* An operand less its zero point, times 2^8, at the scale of both. */
static inline vint32m4_t te_compare_scale(vint32m4_t v, int32_t zero_point, int32_t multiplier, int32_t shift,
                                          size_t vl) {
    v = __riscv_vsll_vx_i32m4(__riscv_vsub_vx_i32m4(v, zero_point, vl), 8, vl);
    return te_lanes_requantize(v, multiplier, shift, vl);
}

/* te_compare_scaled of every lane. */
static inline vint32m4_t te_compare_lanes(const te_compare *p, vint32m4_t u, vint32m4_t v, size_t vl) {
    u = te_compare_scale(u, p->a_zero_point, p->a_multiplier, p->a_shift, vl);
    v = te_compare_scale(v, p->b_zero_point, p->b_multiplier, p->b_shift, vl);
    const vbool8_t less = __riscv_vmslt_vv_i32m4_b8(u, v, vl), greater = __riscv_vmslt_vv_i32m4_b8(v, u, vl);
    vint32m4_t result = __riscv_vmv_v_x_i32m4(p->equal, vl);
    result = __riscv_vmerge_vxm_i32m4(result, p->less, less, vl);
    return __riscv_vmerge_vxm_i32m4(result, p->greater, greater, vl);
}

#endif
