/* SPDX-License-Identifier: Apache-2.0 */
/* kernels/gates.h for a vector of numbers of 16 bits: te_gate_multiply is a fractional multiplication. */
#ifndef TE_RVV_GATES_H
#define TE_RVV_GATES_H

#include "kernels/rvv/vector.h"

#define TE_GATES_TIMES(a, b, vl) __riscv_vsmul_vv_i16m2(a, b, __RISCV_VXRM_RNU, vl)
#define TE_GATES_SCALED(a, b, vl) __riscv_vsmul_vx_i16m2(a, b, __RISCV_VXRM_RNU, vl)

/* value / 2^n, ties away from zero. */
static inline vint16m2_t te_gates_divide(vint16m2_t value, size_t n, size_t vl) {
    value = __riscv_vadd_vv_i16m2(value, __riscv_vsra_vx_i16m2(value, 15, vl), vl);
    return __riscv_vssra_vx_i16m2(value, n, __RISCV_VXRM_RNU, vl);
}

static inline vint16m2_t te_gates_exp_near_zero(vint16m2_t x, size_t vl) {
    const int16_t centre = 28918, third = 10923;
    const vint16m2_t from_centre = __riscv_vadd_vx_i16m2(x, 1 << 12, vl);
    const vint16m2_t square = TE_GATES_TIMES(from_centre, from_centre, vl);
    const vint16m2_t cube = TE_GATES_TIMES(square, from_centre, vl);
    const vint16m2_t fourth = te_gates_divide(TE_GATES_TIMES(square, square, vl), 2, vl);
    const vint16m2_t higher = TE_GATES_SCALED(__riscv_vadd_vv_i16m2(fourth, cube, vl), third, vl);
    const vint16m2_t terms = te_gates_divide(__riscv_vadd_vv_i16m2(higher, square, vl), 1, vl);
    const vint16m2_t sum = __riscv_vadd_vv_i16m2(from_centre, terms, vl);
    return __riscv_vsadd_vx_i16m2(TE_GATES_SCALED(sum, centre, vl), centre, vl);
}

static inline vint16m2_t te_gates_exp(vint16m2_t x, int32_t whole, size_t vl) {
    static const int16_t powers[7] = {25520, 19875, 12055, 4435, 600, 11, 0};
    const int32_t fraction = 15 - whole;
    const int16_t quarter = (int16_t)(1 << (fraction - 2));
    vint16m2_t rest = __riscv_vand_vx_i16m2(x, (int16_t)(quarter - 1), vl);
    rest = __riscv_vsub_vx_i16m2(rest, quarter, vl);
    const vint16m2_t multiple = __riscv_vsub_vv_i16m2(rest, x, vl);
    vint16m2_t result = te_gates_exp_near_zero(__riscv_vsll_vx_i16m2(rest, (size_t)whole, vl), vl);
    for (int32_t k = -2; k < te_min(whole, 5); k++) {
        const vint16m2_t bit = __riscv_vand_vx_i16m2(multiple, (int16_t)(1 << (fraction + k)), vl);
        const vbool8_t set = __riscv_vmsne_vx_i16m2_b8(bit, 0, vl);
        result = __riscv_vsmul_vx_i16m2_mu(set, result, result, powers[k + 2], __RISCV_VXRM_RNU, vl);
    }
    if (whole > 5) { /* below -32 */
        const vbool8_t far = __riscv_vmslt_vx_i16m2_b8(x, (int16_t)-(1 << (20 - whole)), vl);
        result = __riscv_vmerge_vxm_i16m2(result, 0, far, vl);
    }
    return __riscv_vmerge_vxm_i16m2(result, INT16_MAX, __riscv_vmseq_vx_i16m2_b8(x, 0, vl), vl);
}

static inline vint16m2_t te_gates_reciprocal(vint16m2_t a, size_t vl) {
    const vint16m2_t half = __riscv_vadd_vx_i16m2(__riscv_vsra_vx_i16m2(a, 1, vl), 1 << 14, vl);
    vint16m2_t x = __riscv_vadd_vx_i16m2(TE_GATES_SCALED(half, -15420, vl), 23130, vl);
    for (int32_t i = 0; i < 3; i++) {
        const vint16m2_t error = __riscv_vrsub_vx_i16m2(TE_GATES_TIMES(half, x, vl), 1 << 13, vl);
        vint16m2_t step = TE_GATES_TIMES(x, error, vl);
        step = __riscv_vsadd_vv_i16m2(step, step, vl);
        x = __riscv_vadd_vv_i16m2(x, __riscv_vsadd_vv_i16m2(step, step, vl), vl);
    }
    return x;
}

/* No number is positive that was. */
static inline vint16m2_t te_gates_negative(vint16m2_t x, size_t vl) {
    const vint16m2_t zero = __riscv_vmv_v_x_i16m2(0, vl);
    return __riscv_vmin_vv_i16m2(x, __riscv_vssub_vv_i16m2(zero, x, vl), vl);
}

static inline vint16m2_t te_gates_sigmoid(vint16m2_t x, size_t vl) {
    vint16m2_t above = te_gates_reciprocal(te_gates_exp(te_gates_negative(x, vl), 3, vl), vl);
    above = __riscv_vsadd_vv_i16m2(above, above, vl);
    const vint16m2_t below = __riscv_vrsub_vx_i16m2(above, INT16_MAX, vl);
    const vbool8_t positive = __riscv_vmsgt_vx_i16m2_b8(x, 0, vl);
    const vint16m2_t result = __riscv_vmerge_vvm_i16m2(below, above, positive, vl);
    return __riscv_vmerge_vxm_i16m2(result, 1 << 14, __riscv_vmseq_vx_i16m2_b8(x, 0, vl), vl);
}

static inline vint16m2_t te_gates_tanh(vint16m2_t x, int32_t whole, size_t vl) {
    vint16m2_t above = te_gates_reciprocal(te_gates_exp(te_gates_negative(x, vl), whole + 1, vl), vl);
    above = __riscv_vsub_vx_i16m2(above, 1 << 13, vl);
    above = __riscv_vsadd_vv_i16m2(above, above, vl);
    above = __riscv_vsadd_vv_i16m2(above, above, vl);
    const vbool8_t positive = __riscv_vmsgt_vx_i16m2_b8(x, 0, vl);
    const vint16m2_t result = __riscv_vmerge_vvm_i16m2(__riscv_vneg_v_i16m2(above, vl), above, positive, vl);
    return __riscv_vmerge_vxm_i16m2(result, 0, __riscv_vmseq_vx_i16m2_b8(x, 0, vl), vl);
}

#endif
