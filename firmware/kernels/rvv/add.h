/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB of 16 bits at any scales. */
#ifndef TE_RVV_ADD_H
#define TE_RVV_ADD_H

#include "kernels/add.h"
#include "kernels/rvv/lanes.h"

static inline vint32m4_t te_add_lanes(const te_add *p, vint32m4_t u, vint32m4_t v, size_t vl) {
    u = __riscv_vsll_vx_i32m4(__riscv_vsub_vx_i32m4(u, p->a_zero_point, vl), 15, vl);
    v = __riscv_vsll_vx_i32m4(__riscv_vsub_vx_i32m4(v, p->b_zero_point, vl), 15, vl);
    u = te_lanes_requantize(u, p->a_multiplier, p->a_shift, vl);
    v = te_lanes_requantize(v, p->b_multiplier, p->b_shift, vl);
    v = p->sign > 0 ? __riscv_vadd_vv_i32m4(u, v, vl) : __riscv_vsub_vv_i32m4(u, v, vl);
    v = te_lanes_requantize(v, p->out_multiplier, p->out_shift, vl);
    v = __riscv_vadd_vx_i32m4(v, p->out_zero_point, vl);
    return te_lanes_clamp(v, p->out_min, p->out_max, vl);
}

#endif
