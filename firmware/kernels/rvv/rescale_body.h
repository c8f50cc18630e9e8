/* SPDX-License-Identifier: Apache-2.0 */
/* te_rescale of int16: TE_RESCALE is the kernel's name, TE_RESULT the type of an output and TE_STORE
   what stores lanes of it; included once for each. */
#include "kernels/rescale.h"
#include "kernels/rvv/lanes.h"

TE_KERNEL void TE_RESCALE(const te_rescale *restrict p, const int16_t *in, TE_RESULT *out) {
    size_t vl;
    TE_ROLLED
    for (int32_t left = p->size; left > 0; left -= (int32_t)vl) {
        vl = __riscv_vsetvl_e32m4((size_t)left);
        vint32m4_t v = __riscv_vsub_vx_i32m4(te_lanes_load_s16(in, 1, vl), p->in_zero_point, vl);
        v = te_lanes_requantize(v, p->multiplier, p->shift, vl);
        v = __riscv_vadd_vx_i32m4(v, p->out_zero_point, vl);
        TE_STORE(out, te_lanes_clamp(v, p->out_min, p->out_max, vl), vl);
        in += vl;
        out += vl;
    }
}

#undef TE_RESCALE
#undef TE_RESULT
#undef TE_STORE
