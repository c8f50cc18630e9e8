/* SPDX-License-Identifier: Apache-2.0 */
/* What RVV kernels with int16 activations share: requantisation of many lanes. */
#ifndef TE_RVV_SHORT_H
#define TE_RVV_SHORT_H

#include "kernels/rvv/vector.h"
#include "kernels/short.h"

static inline void te_copy_s16(int16_t *to, const int16_t *from, int32_t count) {
    te_copy_s8((int8_t *)to, (const int8_t *)from, 2 * count);
}

static inline void te_clear_s16(int16_t *to, int32_t count) { te_fill_s8((int8_t *)to, 0, 2 * count); }

/* `v` over 2^shift, ties up, saturated and clamped, to `out`. */
static inline __attribute__((always_inline)) void
te_store_s32m4_s16(vint32m4_t v, const int8_t *shift, int32_t least, int32_t most, int16_t *out, size_t vl) {
    const vint16m2_t by = __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1(shift, vl), vl);
    vint16m2_t half =
        __riscv_vnclip_wv_i16m2(v, __riscv_vreinterpret_v_i16m2_u16m2(by), __RISCV_VXRM_RNU, vl);
    half = __riscv_vmax_vx_i16m2(half, (int16_t)least, vl);
    half = __riscv_vmin_vx_i16m2(half, (int16_t)most, vl);
    __riscv_vse16_v_i16m2(out, half, vl);
}

/* te_requantize_short of `count` sums, clamped. */
static inline __attribute__((always_inline)) void
te_requantize_short_lanes(const int32_t *sums, const int32_t *multiplier, const int8_t *shift, int32_t count,
                          int32_t least, int32_t most, int16_t *out) {
    size_t vl;
    TE_ROLLED
    for (; count > 0; count -= (int32_t)vl) {
        vl = __riscv_vsetvl_e32m4((size_t)count);
        const vint32m4_t v = __riscv_vmulh_vv_i32m4(__riscv_vle32_v_i32m4(sums, vl),
                                                    __riscv_vle32_v_i32m4(multiplier, vl), vl);
        te_store_s32m4_s16(v, shift, least, most, out, vl);
        sums += vl;
        multiplier += vl;
        shift += vl;
        out += vl;
    }
}

/* te_requantize of `count` sums, clamped. */
static inline __attribute__((always_inline)) void
te_requantize_lanes_s16(const int32_t *sums, const int32_t *multiplier, const int8_t *shift, int32_t count,
                        int32_t max_shift, int32_t least, int32_t most, int16_t *out) {
    size_t vl;
    TE_ROLLED
    for (; count > 0; count -= (int32_t)vl) {
        vl = __riscv_vsetvl_e32m8((size_t)count);
        vint16m4_t half = te_scale_lanes(sums, multiplier, shift, max_shift, 1, vl);
        half = __riscv_vmax_vx_i16m4(half, (int16_t)least, vl);
        __riscv_vse16_v_i16m4(out, __riscv_vmin_vx_i16m4(half, (int16_t)most, vl), vl);
        sums += vl;
        multiplier += vl;
        shift += vl;
        out += vl;
    }
}

/* te_requantize_upper of `count` sums, clamped. */
static inline __attribute__((always_inline)) void
te_requantize_upper_lanes(const int32_t *sums, const int32_t *multiplier, const int32_t *low,
                          const int8_t *shift, int32_t count, int ties_away, int32_t least, int32_t most,
                          int16_t *out) {
    size_t vl;
    TE_ROLLED
    for (; count > 0; count -= (int32_t)vl) {
        vl = __riscv_vsetvl_e32m4((size_t)count);
        const vint32m4_t v = __riscv_vle32_v_i32m4(sums, vl);
        vint32m4_t below = __riscv_vmulh_vv_i32m4(v, __riscv_vle32_v_i32m4(low, vl), vl);
        if (ties_away)
            below = __riscv_vadd_vv_i32m4(below, __riscv_vsra_vx_i32m4(v, 31, vl), vl);
        const vint32m4_t factor = __riscv_vle32_v_i32m4(multiplier, vl);
        const vbool8_t carried = __riscv_vmadc_vv_i32m4_b8(__riscv_vmul_vv_i32m4(v, factor, vl), below, vl);
        const vint32m4_t top = __riscv_vadc_vvm_i32m4(__riscv_vmulh_vv_i32m4(v, factor, vl),
                                                      __riscv_vsra_vx_i32m4(below, 31, vl), carried, vl);
        te_store_s32m4_s16(top, shift, least, most, out, vl);
        sums += vl;
        multiplier += vl;
        low += vl;
        shift += vl;
        out += vl;
    }
}

#endif
