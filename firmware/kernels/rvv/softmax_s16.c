/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/lanes.h"
#include "kernels/softmax.h"

/* te_softmax_interpolate of every lane. */
static inline vint16m2_t te_softmax_interpolate_lanes(const int16_t *points, vint16m2_t x, size_t vl) {
    const vint16m2_t place = __riscv_vadd_vx_i16m2(__riscv_vsra_vx_i16m2(x, 7, vl), 256, vl);
    const vuint16m2_t at = __riscv_vreinterpret_v_i16m2_u16m2(__riscv_vsll_vx_i16m2(place, 1, vl));
    const vint16m2_t start = __riscv_vluxei16_v_i16m2(points, at, vl);
    const vint16m2_t slope = __riscv_vsub_vv_i16m2(__riscv_vluxei16_v_i16m2(points + 1, at, vl), start, vl);
    const vint32m4_t way = __riscv_vwmul_vv_i32m4(slope, __riscv_vand_vx_i16m2(x, 127, vl), vl);
    return __riscv_vadd_vv_i16m2(start, __riscv_vnclip_wx_i16m2(way, 7, __RISCV_VXRM_RNU, vl), vl);
}

TE_KERNEL te_softmax_s16_fn te_softmax_s16_rvv;

TE_KERNEL void te_softmax_s16_rvv(const te_softmax *restrict p, const int16_t *in, const int16_t *exp,
                                  const int16_t *reciprocal, int16_t *out) {
    for (int32_t r = 0; r < p->rows; r++, in += p->depth, out += p->depth) {
        vint16m1_t largest = __riscv_vmv_s_x_i16m1(INT16_MIN, 1);
        vint32m1_t total = __riscv_vmv_s_x_i32m1(0, 1); /* Q16.15, below 2^31 */
        size_t vl;
        TE_ROLLED
        for (int32_t i = 0; i < p->depth; i += (int32_t)vl) {
            vl = __riscv_vsetvl_e16m8((size_t)(p->depth - i));
            largest = __riscv_vredmax_vs_i16m8_i16m1(__riscv_vle16_v_i16m8(in + i, vl), largest, vl);
        }
        const int32_t max = __riscv_vmv_x_s_i16m1_i16(largest);
        TE_ROLLED
        for (int32_t i = 0; i < p->depth; i += (int32_t)vl) {
            vl = __riscv_vsetvl_e32m4((size_t)(p->depth - i));
            vint32m4_t v = __riscv_vsub_vx_i32m4(te_lanes_load_s16(in + i, 1, vl), max, vl);
            v = te_lanes_requantize(v, p->multiplier, p->shift, vl);
            v = __riscv_vadd_vx_i32m4(v, INT16_MAX, vl);
            const vint16m2_t point = __riscv_vnclip_wx_i16m2(v, 0, __RISCV_VXRM_RNU, vl);
            const vint16m2_t power = te_softmax_interpolate_lanes(exp, point, vl);
            __riscv_vse16_v_i16m2(out + i, power, vl);
            total = __riscv_vwredsum_vs_i16m2_i32m1(power, total, vl);
        }
        uint32_t sum = (uint32_t)__riscv_vmv_x_s_i32m1_i32(total);
        int32_t bits = 30; /* of the sum, less one */
        for (; sum < UINT32_C(1) << 30; sum <<= 1)
            bits--;
        /* sum / 2^30 - 1 is in [0, 1); as 16 bits around 0 it is the table's argument. */
        const int32_t rest = (int32_t)((sum + (1 << 13)) >> 14) - (1 << 16) + INT16_MIN;
        const int32_t scale = te_softmax_interpolate(reciprocal, te_min(rest, INT16_MAX));
        TE_ROLLED
        for (int32_t i = 0; i < p->depth; i += (int32_t)vl) {
            vl = __riscv_vsetvl_e16m2((size_t)(p->depth - i));
            const vint16m2_t power = __riscv_vle16_v_i16m2(out + i, vl);
            const vint32m4_t share = __riscv_vwmul_vx_i32m4(power, (int16_t)scale, vl);
            const vint16m2_t half = __riscv_vnclip_wx_i16m2(share, (size_t)bits, __RISCV_VXRM_RNU, vl);
            __riscv_vse16_v_i16m2(out + i, __riscv_vmax_vx_i16m2(half, 0, vl), vl);
        }
    }
}
