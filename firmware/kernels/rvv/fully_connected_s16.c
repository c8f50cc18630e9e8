/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes are output channels: every input is multiplied by its weights for as many as fit.

   Weights, from tinyedge/plan/layout/rvv_short.py: [depth, channels]. */
#include "kernels/rvv/fully_connected.h"
#include "kernels/rvv/short.h"

TE_KERNEL te_fully_connected_s16_short_fn te_fully_connected_s16_rvv;

TE_KERNEL void te_fully_connected_s16_rvv(const te_fully_connected *restrict p, const int16_t *in,
                                          const int8_t *weights, const int32_t *bias,
                                          const int32_t *multiplier, const int32_t *low, const int8_t *shift,
                                          int16_t *out) {
    for (int32_t batch = 0; batch < p->batches; batch++) {
        int32_t vl;
        TE_ROLLED
        for (int32_t c = 0; c < p->channels; c += vl) {
            const int8_t *w = weights + c;
            int32_t sums[TE_RVV_BLOCK];
            vl = (int32_t)__riscv_vsetvl_e32m8((size_t)te_min(p->channels - c, TE_RVV_BLOCK));
            vint32m8_t sum = __riscv_vle32_v_i32m8(bias + c, (size_t)vl);
            TE_TAPS
            for (int32_t i = 0; i < p->depth; i++) {
                TE_FORGET(w);
                const vint16m4_t by = __riscv_vsext_vf2_i16m4(__riscv_vle8_v_i8m2(w, (size_t)vl), (size_t)vl);
                sum = __riscv_vwmacc_vx_i32m8(sum, in[i], by, (size_t)vl);
                w += p->channels;
            }
            __riscv_vse32_v_i32m8(sums, sum, (size_t)vl);
            te_requantize_upper_lanes(sums, multiplier + c, low + c, shift + c, vl, p->once, p->out_min,
                                      p->out_max, out + c);
        }
        in += p->depth;
        out += p->channels;
    }
}
