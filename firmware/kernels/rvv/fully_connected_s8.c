/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes are output channels: every input is multiplied by its weights for as many as fit. Where channels are
   too few for that, lanes are inputs, and are summed up for every channel.

   Weights, from tinyedge/plan/layout/rvv.py: [depth, channels], or where `few`,
   [channels, depth]; multipliers for every channel, for te_requantize_fitted. */
#include "kernels/rvv/fully_connected.h"
#include "kernels/rvv/vector.h"

/* What te_requantize_fitted makes of `vl` sums, clamped. */
static inline __attribute__((always_inline)) void
te_fully_connected_s8_finish(const te_fully_connected *p, const te_fully_connected_rvv *laid, vint32m8_t sums,
                             const int32_t *multiplier, int8_t *out, size_t vl) {
    const te_output output = {p->out_zero_point, p->out_min, p->out_max, 0};
    sums = __riscv_vsll_vx_i32m8(sums, (size_t)laid->left, vl);
    sums = __riscv_vmulh_vv_i32m8(sums, __riscv_vle32_v_i32m8(multiplier, vl), vl);
    sums = __riscv_vadd_vx_i32m8(sums, p->out_zero_point * (INT32_C(1) << laid->right), vl);
    te_store_s16m4_s8(__riscv_vnclip_wx_i16m4(sums, (size_t)laid->right, __RISCV_VXRM_RNU, vl), output, out,
                      vl);
}

/* A channel's sum. */
static inline __attribute__((always_inline)) int32_t te_fully_connected_s8_sum(const int8_t *x,
                                                                               const int8_t *w, int32_t depth,
                                                                               int32_t bias) {
    const size_t most = __riscv_vsetvlmax_e16m4();
    vint32m8_t s0 = __riscv_vmv_v_x_i32m8(0, most), s1 = s0;
    TE_ROLLED
    for (int32_t left = depth; left > 0;) {
        const size_t vl = __riscv_vsetvl_e8m4((size_t)left);
        const size_t low = vl < most ? vl : most;
        const vint16m8_t product =
            __riscv_vwmul_vv_i16m8(__riscv_vle8_v_i8m4(x, vl), __riscv_vle8_v_i8m4(w, vl), vl);
        s0 = __riscv_vwadd_wv_i32m8_tu(s0, s0, __riscv_vget_v_i16m8_i16m4(product, 0), low);
        s1 = __riscv_vwadd_wv_i32m8_tu(s1, s1, __riscv_vget_v_i16m8_i16m4(product, 1), vl - low);
        x += vl;
        w += vl;
        left -= (int32_t)vl;
    }
    const vint32m1_t start = __riscv_vmv_s_x_i32m1(bias, 1);
    return __riscv_vmv_x_s_i32m1_i32(
        __riscv_vredsum_vs_i32m8_i32m1(__riscv_vadd_vv_i32m8(s0, s1, most), start, most));
}

/* The outputs of all channels, of which there are at most TE_RVV_BLOCK. */
static inline __attribute__((always_inline)) void
te_fully_connected_s8_few(const te_fully_connected *p, const te_fully_connected_rvv *laid, const int8_t *in,
                          const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                          int8_t *out) {
    int32_t sums[TE_RVV_BLOCK];
    TE_ROLLED
    for (int32_t c = 0; c < p->channels; c++)
        sums[c] = te_fully_connected_s8_sum(in, weights + c * p->depth, p->depth, bias[c]);
    int32_t vl;
    TE_ROLLED
    for (int32_t c = 0; c < p->channels; c += vl) {
        vl = (int32_t)__riscv_vsetvl_e32m8((size_t)(p->channels - c));
        te_fully_connected_s8_finish(p, laid, __riscv_vle32_v_i32m8(sums + c, (size_t)vl), multiplier + c,
                                     out + c, (size_t)vl);
    }
}

/* The outputs of `vl` channels whose sums fit half of the registers, so that an input takes one product. */
static inline __attribute__((always_inline)) void
te_fully_connected_s8_half(const te_fully_connected *p, const te_fully_connected_rvv *laid, const int8_t *in,
                           const int8_t *w, const int32_t *bias, const int32_t *multiplier, int8_t *out,
                           size_t vl) {
    vint32m8_t sums = __riscv_vle32_v_i32m8(bias, vl);
    TE_TAPS
    for (int32_t i = 0; i < p->depth; i++) {
        TE_FORGET(w);
        const vint16m4_t weights = __riscv_vsext_vf2_i16m4(__riscv_vle8_v_i8m2(w, vl), vl);
        sums = __riscv_vwmacc_vx_i32m8(sums, in[i], weights, vl);
        w += p->channels;
    }
    te_fully_connected_s8_finish(p, laid, sums, multiplier, out, vl);
}

TE_KERNEL te_fully_connected_s8_rvv_fn te_fully_connected_s8_rvv;

TE_KERNEL void te_fully_connected_s8_rvv(const te_fully_connected *restrict p,
                                         const te_fully_connected_rvv *restrict laid, const int8_t *in,
                                         const int8_t *weights, const int32_t *bias,
                                         const int32_t *multiplier, const int8_t *shift, int8_t *out) {
    (void)shift; /* in laid->left and laid->right */
    const size_t most = __riscv_vsetvlmax_e16m4();
    for (int32_t batch = 0; batch < p->batches; batch++) {
        size_t vl;
        if (laid->few)
            te_fully_connected_s8_few(p, laid, in, weights, bias, multiplier, out);
        TE_ROLLED
        for (int32_t c = laid->few ? p->channels : 0; c < p->channels; c += (int32_t)vl) {
            const int8_t *w = weights + c, *x = in;
            vl = __riscv_vsetvl_e8m4((size_t)(p->channels - c));
            if (vl <= most) {
                te_fully_connected_s8_half(p, laid, in, w, bias + c, multiplier + c, out + c, vl);
                continue;
            }
            const size_t low = most, high = vl - low;
            vint32m8_t s0 = __riscv_vle32_v_i32m8(bias + c, low);
            vint32m8_t s1 = __riscv_vle32_v_i32m8(bias + c + low, high);
            TE_TAPS
            for (int32_t i = 0; i < p->depth; i++) {
                TE_FORGET(w);
                const vint16m8_t product = __riscv_vwmul_vx_i16m8(__riscv_vle8_v_i8m4(w, vl), x[i], vl);
                s0 = __riscv_vwadd_wv_i32m8(s0, __riscv_vget_v_i16m8_i16m4(product, 0), most);
                s1 = __riscv_vwadd_wv_i32m8(s1, __riscv_vget_v_i16m8_i16m4(product, 1), most);
                w += p->channels;
            }
            te_fully_connected_s8_finish(p, laid, s0, multiplier + c, out + c, low);
            te_fully_connected_s8_finish(p, laid, s1, multiplier + c + low, out + c + low, high);
        }
        in += p->depth;
        out += p->channels;
    }
}
