/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of any operator in lanes of 32 bits: loads, requantisation by numbers of the layer, stores. */
#ifndef TE_RVV_LANES_H
#define TE_RVV_LANES_H

#include "kernels/rvv/vector.h"

/* The next elements of an operand that moves by `step`, 0 or 1, from element to element. */
static inline vint32m4_t te_lanes_load_s8(const int8_t *from, int32_t step, size_t vl) {
    return step ? __riscv_vsext_vf4_i32m4(__riscv_vle8_v_i8m1(from, vl), vl)
                : __riscv_vmv_v_x_i32m4(*from, vl);
}

static inline vint32m4_t te_lanes_load_s16(const int16_t *from, int32_t step, size_t vl) {
    return step ? __riscv_vsext_vf2_i32m4(__riscv_vle16_v_i16m2(from, vl), vl)
                : __riscv_vmv_v_x_i32m4(*from, vl);
}

/* te_requantize of every lane, as te_requantize_lanes describes it. */
static inline vint32m4_t te_lanes_requantize(vint32m4_t v, int32_t multiplier, int32_t shift, size_t vl) {
    if (shift > 0)
        v = __riscv_vsll_vx_i32m4(v, (size_t)shift, vl);
    v = __riscv_vsmul_vx_i32m4(v, multiplier, __RISCV_VXRM_RNU, vl);
    if (shift >= 0)
        return v;
    v = __riscv_vadd_vv_i32m4(v, __riscv_vsra_vx_i32m4(v, 31, vl), vl);
    return __riscv_vssra_vx_i32m4(v, (size_t)-shift, __RISCV_VXRM_RNU, vl);
}

static inline vint32m4_t te_lanes_clamp(vint32m4_t v, int32_t low, int32_t high, size_t vl) {
    return __riscv_vmin_vx_i32m4(__riscv_vmax_vx_i32m4(v, low, vl), high, vl);
}

/* Elements that fit. */
static inline void te_lanes_store_s8(int8_t *to, vint32m4_t v, size_t vl) {
    __riscv_vse8_v_i8m1(to, __riscv_vncvt_x_x_w_i8m1(__riscv_vncvt_x_x_w_i16m2(v, vl), vl), vl);
}

static inline void te_lanes_store_u8(uint8_t *to, vint32m4_t v, size_t vl) {
    te_lanes_store_s8((int8_t *)to, v, vl);
}

static inline void te_lanes_store_s16(int16_t *to, vint32m4_t v, size_t vl) {
    __riscv_vse16_v_i16m2(to, __riscv_vncvt_x_x_w_i16m2(v, vl), vl);
}

#endif
