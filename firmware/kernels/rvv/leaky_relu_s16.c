/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/leaky_relu.h"
#include "kernels/rvv/lanes.h"

TE_KERNEL te_leaky_relu_s16_fn te_leaky_relu_s16_rvv;

TE_KERNEL void te_leaky_relu_s16_rvv(const te_leaky_relu *restrict p, const int16_t *in, int16_t *out) {
    size_t vl;
    TE_ROLLED
    for (int32_t left = p->size; left > 0; left -= (int32_t)vl) {
        vl = __riscv_vsetvl_e32m4((size_t)left);
        const vint32m4_t v = te_lanes_load_s16(in, 1, vl);
        const vbool8_t negative = __riscv_vmslt_vx_i32m4_b8(v, 0, vl);
        const vint32m4_t plain = te_lanes_requantize(v, p->multiplier, p->shift, vl);
        const vint32m4_t below = te_lanes_requantize(v, p->negative_multiplier, p->negative_shift, vl);
        const vint32m4_t scaled = __riscv_vmerge_vvm_i32m4(plain, below, negative, vl);
        __riscv_vse16_v_i16m2(out, __riscv_vnclip_wx_i16m2(scaled, 0, __RISCV_VXRM_RNU, vl), vl);
        in += vl;
        out += vl;
    }
}
