/* SPDX-License-Identifier: Apache-2.0 */
/* kernels/softmax.h for a vector of elements of 8 bits. */
#ifndef TE_RVV_SOFTMAX_H
#define TE_RVV_SOFTMAX_H

#include "kernels/rvv/lanes.h"
#include "kernels/softmax.h"

/* te_softmax_exp of the distances of elements of `in` from the row's largest. */
static inline vint32m4_t te_softmax_powers(const te_softmax *p, const int32_t *exp, int32_t max,
                                           const int8_t *in, size_t vl) {
    const vuint8m1_t bytes = __riscv_vreinterpret_v_i8m1_u8m1(__riscv_vle8_v_i8m1(in, vl));
    const vuint8m1_t distance = __riscv_vrsub_vx_u8m1(bytes, (uint8_t)max, vl);
    const vuint16m2_t at = __riscv_vwmulu_vx_u16m2(distance, sizeof *exp, vl);
    if (p->exps > UINT8_MAX)
        return __riscv_vluxei16_v_i32m4(exp, at, vl);
    const vbool8_t near = __riscv_vmsltu_vx_u8m1_b8(distance, (uint8_t)p->exps, vl);
    return __riscv_vluxei16_v_i32m4_mu(near, __riscv_vmv_v_x_i32m4(0, vl), exp, at, vl);
}

/* te_softmax_measure. */
static inline te_softmax_row te_softmax_measure_lanes(const te_softmax *p, const int8_t *in,
                                                      const int32_t *exp) {
    te_softmax_row row = {INT8_MIN, 0, 12};
    vint8m1_t largest = __riscv_vmv_s_x_i8m1(INT8_MIN, 1);
    vint32m1_t total = __riscv_vmv_s_x_i32m1(0, 1); /* Q12.19 */
    size_t vl;
    TE_ROLLED
    for (int32_t i = 0; i < p->depth; i += (int32_t)vl) {
        vl = __riscv_vsetvl_e8m8((size_t)(p->depth - i));
        largest = __riscv_vredmax_vs_i8m8_i8m1(__riscv_vle8_v_i8m8(in + i, vl), largest, vl);
    }
    row.max = __riscv_vmv_x_s_i8m1_i8(largest);
    TE_ROLLED
    for (int32_t i = 0; i < p->depth; i += (int32_t)vl) {
        vl = __riscv_vsetvl_e32m4((size_t)(p->depth - i));
        vint32m4_t power = te_softmax_powers(p, exp, row.max, in + i, vl);
        power = __riscv_vssra_vx_i32m4(power, 12, __RISCV_VXRM_RNU, vl);
        total = __riscv_vredsum_vs_i32m4_i32m1(power, total, vl);
    }
    uint32_t sum = (uint32_t)__riscv_vmv_x_s_i32m1_i32(total);
    for (; sum < UINT32_C(1) << 31; sum <<= 1)
        row.bits--;
    row.scale = te_softmax_reciprocal((int32_t)(sum - (UINT32_C(1) << 31)));
    return row;
}

/* te_softmax_element of a vector, plus `least`, at most `most`. */
static inline vint32m4_t te_softmax_elements(const te_softmax *p, const int32_t *exp, te_softmax_row row,
                                             const int8_t *in, int32_t width, int32_t least, int32_t most,
                                             size_t vl) {
    const int32_t right = row.bits + 31 - width;
    vint32m4_t share = te_softmax_powers(p, exp, row.max, in, vl);
    share = __riscv_vsmul_vx_i32m4(share, right > 31 ? 0 : row.scale, __RISCV_VXRM_RNU, vl);
    share = __riscv_vssra_vx_i32m4(share, (size_t)right, __RISCV_VXRM_RNU, vl);
    return __riscv_vmin_vx_i32m4(__riscv_vadd_vx_i32m4(share, least, vl), most, vl);
}

#endif
