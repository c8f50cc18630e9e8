/* SPDX-License-Identifier: Apache-2.0 */
/* Requantisation of eight vector registers of sums. */
#ifndef TE_RVV_SCALE_H
#define TE_RVV_SCALE_H

#include <riscv_vector.h>

#include "kernels/kernel.h"

/* Constants of te_requantize_high (requantize_high.h), step 1 for one set per channel, and the clamp. */
typedef struct te_scale {
    const int32_t *constants;
    const int8_t *shift;
    int32_t step, low, high;
    int negative;
} te_scale;

/* te_requantize_high and the clamp, for `lanes` channels from `channel` on. */
static inline __attribute__((always_inline)) void te_scale_rvv(vint32m8_t sums, const te_scale *s,
                                                               int32_t channel, size_t lanes, int8_t *to) {
    const int32_t *constants = s->constants + 2 * channel * s->step;
    vint32m8_t v = __riscv_vsll_vx_i32m8(sums, 2, lanes);
    if (s->step) {
        v = __riscv_vmulh_vv_i32m8(v, __riscv_vlse32_v_i32m8(constants, 8, lanes), lanes);
    } else {
        v = __riscv_vmulh_vx_i32m8(v, constants[0], lanes);
    }
    if (s->negative) {
        const vint32m8_t sign = __riscv_vsra_vx_i32m8(__riscv_vadd_vx_i32m8(v, 1, lanes), 31, lanes);
        v = __riscv_vadd_vv_i32m8(v, __riscv_vsll_vx_i32m8(sign, 1, lanes), lanes);
    }
    if (s->step) {
        v = __riscv_vadd_vv_i32m8(v, __riscv_vlse32_v_i32m8(constants + 1, 8, lanes), lanes);
        const vuint8m2_t bits = __riscv_vle8_v_u8m2((const uint8_t *)s->shift + channel, lanes);
        v = __riscv_vsra_vv_i32m8(v, __riscv_vzext_vf4_u32m8(bits, lanes), lanes);
    } else {
        v = __riscv_vadd_vx_i32m8(v, constants[1], lanes);
        v = __riscv_vsra_vx_i32m8(v, (size_t)s->shift[0], lanes);
    }
    v = __riscv_vmin_vx_i32m8(__riscv_vmax_vx_i32m8(v, s->low, lanes), s->high, lanes);
    const vint16m4_t half = __riscv_vnsra_wx_i16m4(v, 0, lanes);
    __riscv_vse8_v_i8m2(to + channel, __riscv_vnsra_wx_i8m2(half, 0, lanes), lanes);
}

#endif
