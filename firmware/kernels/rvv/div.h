/* SPDX-License-Identifier: Apache-2.0 */
/* What quotients of 8 and of 16 bits share. */
#ifndef TE_RVV_DIV_H
#define TE_RVV_DIV_H

#include "kernels/div.h"
#include "kernels/rvv/lanes.h"
#include "kernels/unrolled.h"

/* `v` of up to `bits` bits, 8 or 16, to the left until its highest bit is bit 30; `zeros` are how many of `bits` were
   before it. Nothing is known of those of 0. */
static inline vint32m4_t te_div_normalize(vint32m4_t v, int32_t bits, vint32m4_t *zeros, size_t vl) {
    vint32m4_t found = __riscv_vmv_v_x_i32m4(0, vl);
    v = __riscv_vsll_vx_i32m4(v, (size_t)(31 - bits), vl);
    TE_UNROLLED
    for (int32_t by = bits / 2; by > 0; by /= 2) {
        const vbool8_t small = __riscv_vmslt_vx_i32m4_b8(v, 1 << (31 - by), vl);
        v = __riscv_vsll_vx_i32m4_mu(small, v, v, (size_t)by, vl);
        found = __riscv_vadd_vx_i32m4_mu(small, found, found, by, vl);
    }
    *zeros = found;
    return v;
}

/* te_one_over_one_plus of every lane, for half of 1 + a in Q0.31. Twice saturated is te_shift_saturating by 1. */
static inline vint32m4_t te_div_reciprocal(vint32m4_t half, size_t vl) {
    vint32m4_t x = __riscv_vsmul_vx_i32m4(half, -1010580540, __RISCV_VXRM_RNU, vl);
    x = __riscv_vadd_vx_i32m4(x, 1515870810, vl);
    TE_UNROLLED
    for (int32_t i = 0; i < 3; i++) {
        vint32m4_t error = __riscv_vsmul_vv_i32m4(half, x, __RISCV_VXRM_RNU, vl);
        error = __riscv_vrsub_vx_i32m4(error, 1 << 29, vl);
        error = __riscv_vsmul_vv_i32m4(x, error, __RISCV_VXRM_RNU, vl);
        error = __riscv_vsadd_vv_i32m4(error, error, vl);
        x = __riscv_vadd_vv_i32m4(x, __riscv_vsadd_vv_i32m4(error, error, vl), vl);
    }
    return __riscv_vsadd_vv_i32m4(x, x, vl);
}

/* te_div_element of every lane, for operands that have up to `bits` bits, and a sign, less their zero points. */
static inline vint32m4_t te_div_lanes(const te_div *p, int32_t bits, vint32m4_t u, vint32m4_t v, size_t vl) {
    u = __riscv_vsub_vx_i32m4(u, p->a_zero_point, vl);
    v = __riscv_vsub_vx_i32m4(v, p->b_zero_point, vl);
    const vbool8_t below = __riscv_vmslt_vx_i32m4_b8(v, 0, vl);
    u = __riscv_vrsub_vx_i32m4_mu(below, u, u, 0, vl);
    v = __riscv_vrsub_vx_i32m4_mu(below, v, v, 0, vl);
    v = __riscv_vmax_vx_i32m4(v, 1, vl);
    vint32m4_t zeros, before;
    v = te_div_reciprocal(te_div_normalize(v, bits, &zeros, vl), vl);
    /* -2^n has as much room as 2^n - 1. A dividend of 0 gives 0 whatever its room. */
    (void)te_div_normalize(__riscv_vmax_vv_i32m4(u, __riscv_vnot_v_i32m4(u, vl), vl), bits, &before, vl);
    const vint32m4_t room = __riscv_vadd_vx_i32m4(before, 31 - bits, vl);
    u = __riscv_vsll_vv_i32m4(u, __riscv_vreinterpret_v_i32m4_u32m4(room), vl);
    u = __riscv_vsmul_vv_i32m4(u, v, __RISCV_VXRM_RNU, vl);
    u = __riscv_vsmul_vx_i32m4(u, p->multiplier, __RISCV_VXRM_RNU, vl);
    const vint32m4_t right =
        __riscv_vadd_vx_i32m4(__riscv_vsub_vv_i32m4(room, zeros, vl), bits - 1 - p->shift, vl);
    const vbool8_t shifted = __riscv_vmsgt_vx_i32m4_b8(right, 0, vl);
    u = __riscv_vadd_vv_i32m4_mu(shifted, u, u, __riscv_vsra_vx_i32m4(u, 31, vl), vl);
    u = __riscv_vssra_vv_i32m4(u, __riscv_vreinterpret_v_i32m4_u32m4(right), __RISCV_VXRM_RNU, vl);
    return te_lanes_clamp(__riscv_vadd_vx_i32m4(u, p->out_zero_point, vl), p->out_min, p->out_max, vl);
}

#endif
