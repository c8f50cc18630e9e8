/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rescale.h"
#include "kernels/rvv/lanes.h"

TE_KERNEL te_rescale_s16_s16_fn te_rescale_s16_s16_rvv;

TE_KERNEL void te_rescale_s16_s16_rvv(const te_rescale *restrict p, const int16_t *in, int16_t *out) {
    size_t vl;
    TE_ROLLED
    for (int32_t left = p->size; left > 0; left -= (int32_t)vl) {
        vl = __riscv_vsetvl_e32m4((size_t)left);
        vint32m4_t v = __riscv_vsub_vx_i32m4(te_lanes_load_s16(in, 1, vl), p->in_zero_point, vl);
        v = te_lanes_requantize(v, p->multiplier, p->shift, vl);
        v = __riscv_vadd_vx_i32m4(v, p->out_zero_point, vl);
        te_lanes_store_s16(out, te_lanes_clamp(v, p->out_min, p->out_max, vl), vl);
        in += vl;
        out += vl;
    }
}
