/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/lanes.h"
#include "kernels/squared_difference.h"

/* An operand less its zero point, times 2^7, at twice the larger scale of both. */
static inline vint32m4_t te_squared_difference_scale(vint32m4_t v, int32_t zero_point, int32_t multiplier,
                                                     int32_t shift, size_t vl) {
    v = __riscv_vsll_vx_i32m4(__riscv_vsub_vx_i32m4(v, zero_point, vl), 7, vl);
    return te_lanes_requantize(v, multiplier, shift, vl);
}

/* te_squared_difference_element of every lane. */
static inline vint32m4_t te_squared_difference_lanes(const te_squared_difference *p, vint32m4_t u,
                                                     vint32m4_t v, size_t vl) {
    u = te_squared_difference_scale(u, p->a_zero_point, p->a_multiplier, p->a_shift, vl);
    v = te_squared_difference_scale(v, p->b_zero_point, p->b_multiplier, p->b_shift, vl);
    v = __riscv_vsub_vv_i32m4(u, v, vl);
    v = te_lanes_requantize(__riscv_vmul_vv_i32m4(v, v, vl), p->out_multiplier, p->out_shift, vl);
    return te_lanes_clamp(__riscv_vadd_vx_i32m4(v, p->out_zero_point, vl), p->out_min, p->out_max, vl);
}

TE_KERNEL te_squared_difference_fn te_squared_difference_s8_rvv;

#define TE_BINARY te_squared_difference_s8_rvv
#define TE_PARAMETERS te_squared_difference
#define TE_LEFT int8_t
#define TE_LEFT_END s8
#define TE_RIGHT int8_t
#define TE_RIGHT_END s8
#define TE_RESULT int8_t
#define TE_RESULT_END s8
#define TE_GIVEN(type) void
#define TE_COMBINE te_squared_difference_lanes
#include "kernels/rvv/binary_body.h"
