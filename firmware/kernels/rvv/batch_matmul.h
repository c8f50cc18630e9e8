/* SPDX-License-Identifier: Apache-2.0 */
/* What products of matrices for RVV and their layout (tinyedge/plan/layout/rvv_matmul.py) agree on. */
#ifndef TE_RVV_BATCH_MATMUL_H
#define TE_RVV_BATCH_MATMUL_H

#include "kernels/batch_matmul.h"
#include "kernels/rvv/vector.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_BATCH_MATMUL_RVV_DEPTH = 256,  /* products of a byte and of 16 bits whose sum fits 32 bits */
    TE_BATCH_MATMUL_RVV_ROUNDED = 16, /* bits of a requantisation that are rounded down first ... */
    TE_BATCH_MATMUL_RVV_BYTE = 8,     /* ... and these, too, where a is taken by bytes */
};

/* Elements of 8 or 16 bits that are `step` apart. */
static inline vint16m2_t te_batch_matmul_load_s8(const int8_t *from, int32_t step, size_t vl) {
    return __riscv_vsext_vf2_i16m2(
        step == 1 ? __riscv_vle8_v_i8m1(from, vl) : __riscv_vlse8_v_i8m1(from, (ptrdiff_t)step, vl), vl);
}

static inline vint16m2_t te_batch_matmul_load_s16(const int16_t *from, int32_t step, size_t vl) {
    return step == 1 ? __riscv_vle16_v_i16m2(from, vl)
                     : __riscv_vlse16_v_i16m2(from, (ptrdiff_t)step * 2, vl);
}

/* `v` over 2^shift, ties up, clamped. */
static inline void te_batch_matmul_store_s16(const te_batch_matmul *p, vint32m4_t v, int32_t shift,
                                             int16_t *out, size_t vl) {
    vint16m2_t half = __riscv_vnclip_wx_i16m2(v, (size_t)shift, __RISCV_VXRM_RNU, vl);
    half = __riscv_vmax_vx_i16m2(half, p->out_min, vl);
    __riscv_vse16_v_i16m2(out, __riscv_vmin_vx_i16m2(half, p->out_max, vl), vl);
}

#endif
