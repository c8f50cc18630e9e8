/* SPDX-License-Identifier: Apache-2.0 */
/* What kernels for RVV of any width of element share, and what their layout (tinyedge/plan/layout/rvv.py) reads. */
#ifndef TE_RVV_RESIZE_BILINEAR_H
#define TE_RVV_RESIZE_BILINEAR_H

#include "kernels/resize_bilinear.h"
#include "kernels/rvv/lanes.h"

enum {
    TE_RESIZE_BILINEAR_RVV_FEW = 8, /* channels of which less are no lanes: outputs of a row are */
};

/* What two rows' means of 2^10 times an element of 8 bits come to, `down` of 1024 parts of the second. */
static inline vint32m4_t te_resize_bilinear_mean_8(vint32m4_t above, vint32m4_t below, int32_t down,
                                                   size_t vl) {
    vint32m4_t sum = __riscv_vmul_vx_i32m4(above, 1024 - down, vl);
    sum = __riscv_vmacc_vx_i32m4(sum, down, below, vl);
    sum = __riscv_vadd_vv_i32m4(sum, __riscv_vsra_vx_i32m4(sum, 31, vl), vl);
    return __riscv_vssra_vx_i32m4(sum, 20, __RISCV_VXRM_RNU, vl);
}

/* The same of 16 bits, as 2^10 times `sum` and a rest, which only tells whether a negative half is one. */
static inline vint32m4_t te_resize_bilinear_mean_16(vint32m4_t above, vint32m4_t below, int32_t down,
                                                    size_t vl) {
    const vint32m4_t apart = __riscv_vsub_vv_i32m4(below, above, vl);
    const vint32m4_t low = __riscv_vmul_vx_i32m4(__riscv_vand_vx_i32m4(apart, 1023, vl), down, vl);
    vint32m4_t sum = __riscv_vmacc_vx_i32m4(above, down, __riscv_vsra_vx_i32m4(apart, 10, vl), vl);
    sum = __riscv_vadd_vv_i32m4(sum, __riscv_vsra_vx_i32m4(low, 10, vl), vl);
    const vbool8_t whole = __riscv_vmseq_vx_i32m4_b8(__riscv_vand_vx_i32m4(low, 1023, vl), 0, vl);
    sum = __riscv_vadd_vv_i32m4_mu(whole, sum, sum, __riscv_vsra_vx_i32m4(sum, 31, vl), vl);
    return __riscv_vssra_vx_i32m4(sum, 10, __RISCV_VXRM_RNU, vl);
}

/* Elements to places `step` of them apart. */
static inline void te_resize_bilinear_store_8(int8_t *to, int32_t step, vint32m4_t v, size_t vl) {
    const vint8m1_t bytes = __riscv_vncvt_x_x_w_i8m1(__riscv_vncvt_x_x_w_i16m2(v, vl), vl);
    if (step == 1)
        __riscv_vse8_v_i8m1(to, bytes, vl);
    else
        __riscv_vsse8_v_i8m1(to, step, bytes, vl);
}

static inline void te_resize_bilinear_store_16(int16_t *to, int32_t step, vint32m4_t v, size_t vl) {
    const vint16m2_t shorts = __riscv_vncvt_x_x_w_i16m2(v, vl);
    if (step == 1)
        __riscv_vse16_v_i16m2(to, shorts, vl);
    else
        __riscv_vsse16_v_i16m2(to, 2 * step, shorts, vl);
}

#endif
