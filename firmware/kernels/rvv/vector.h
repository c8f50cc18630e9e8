/* SPDX-License-Identifier: Apache-2.0 */
/* What RVV kernels share: requantisation, copies, and sums of up to 64 lanes. Vectors are of any length that
   Zve32x allows; arrays are sized for blocks, and a longer vector register is used in part. */
#ifndef TE_RVV_VECTOR_H
#define TE_RVV_VECTOR_H

#include <riscv_vector.h>

#include "kernels/kernel.h"

enum { TE_RVV_BLOCK = 64 /* lanes whose sums are on the stack at a time */ };

/* Before a loop over taps. */
#ifdef __clang__
#define TE_TAPS _Pragma("clang loop unroll_count(4)")
#else
#define TE_TAPS
#endif

/* Makes a compiler forget how a pointer came about, so that it does not move all loads of an unrolled loop to
   its top and then lack registers. */
#define TE_FORGET(pointer) __asm__ volatile("" : "+r"(pointer)::"memory")

/* The same, and keeps loads from `pointer` behind the computation of `sums`. */
#define TE_FORGET_AFTER(sums, pointer) __asm__ volatile("" : "+r"(pointer) : "vr"(sums) : "memory")

/* How many lanes of `count` come next. */
static inline int32_t te_lanes(int32_t count) {
    return (int32_t)__riscv_vsetvl_e8m4((size_t)te_min(count, TE_RVV_BLOCK));
}

static inline void te_copy_s8(int8_t *to, const int8_t *from, int32_t count) {
    TE_ROLLED
    while (count > 0) {
        const size_t vl = __riscv_vsetvl_e8m8((size_t)count);
        __riscv_vse8_v_i8m8(to, __riscv_vle8_v_i8m8(from, vl), vl);
        to += vl;
        from += vl;
        count -= (int32_t)vl;
    }
}

static inline void te_fill_s8(int8_t *to, int32_t value, int32_t count) {
    TE_ROLLED
    while (count > 0) {
        const size_t vl = __riscv_vsetvl_e8m8((size_t)count);
        __riscv_vse8_v_i8m8(to, __riscv_vmv_v_x_i8m8((int8_t)value, vl), vl);
        to += vl;
        count -= (int32_t)vl;
    }
}

/* memmove that takes no call for what fits the registers of any core, and is then read whole before it is written. */
static inline void te_move(void *to, const void *from, size_t size) {
    if (size <= TE_RVV_BLOCK)
        __riscv_vse8_v_i8m8(to, __riscv_vle8_v_i8m8(from, size), size);
    else
        memmove(to, from, size);
}

/* How a layer's sums become outputs. */
typedef struct te_output {
    int32_t zero_point, min, max;
    int32_t max_shift; /* largest shift of te_requantize */
} te_output;

/* `v`, saturated and clamped. */
static inline __attribute__((always_inline)) vint8m2_t te_clamp_s16m4_s8(vint16m4_t v, te_output o,
                                                                         size_t vl) {
    vint8m2_t bytes = __riscv_vnclip_wx_i8m2(v, 0, __RISCV_VXRM_RNU, vl);
    if (o.min > INT8_MIN)
        bytes = __riscv_vmax_vx_i8m2(bytes, (int8_t)o.min, vl);
    if (o.max < INT8_MAX)
        bytes = __riscv_vmin_vx_i8m2(bytes, (int8_t)o.max, vl);
    return bytes;
}

/* The same, to `out`. */
static inline __attribute__((always_inline)) void te_store_s16m4_s8(vint16m4_t v, te_output o, int8_t *out,
                                                                    size_t vl) {
    __riscv_vse8_v_i8m2(out, te_clamp_s16m4_s8(v, o, vl), vl);
}

/* te_requantize of `vl` sums, each with a multiplier and a shift of its own, saturated to 16 bits.

   A fractional multiplication that rounds up is te_multiply_high; a narrowing shift that rounds up is
   te_divide_by_power once 1 has been taken from what is negative, unless it is shifted by 0. Where outputs
   end at the zero point, what is below it needs no such care: !negative. */
static inline __attribute__((always_inline)) vint16m4_t te_scale_lanes(const int32_t *sums,
                                                                       const int32_t *multiplier,
                                                                       const int8_t *shift, int32_t max_shift,
                                                                       int negative, size_t vl) {
    const vint8m2_t shifts = __riscv_vle8_v_i8m2(shift, vl);
    vint8m2_t right = __riscv_vneg_v_i8m2(shifts, vl);
    vint32m8_t v = __riscv_vle32_v_i32m8(sums, vl);
    if (max_shift > 0) {
        const vint8m2_t left = __riscv_vmax_vx_i8m2(shifts, 0, vl);
        right = __riscv_vmax_vx_i8m2(right, 0, vl);
        v = __riscv_vsll_vv_i32m8(v, __riscv_vreinterpret_v_i32m8_u32m8(__riscv_vsext_vf4_i32m8(left, vl)),
                                  vl);
    }
    v = __riscv_vsmul_vv_i32m8(v, __riscv_vle32_v_i32m8(multiplier, vl), __RISCV_VXRM_RNU, vl);
    if (negative) {
        const vbool4_t shifted = __riscv_vmsgt_vx_i8m2_b4(right, 0, vl);
        const vbool4_t below = __riscv_vmslt_vx_i32m8_b4(v, 0, vl);
        v = __riscv_vadd_vx_i32m8_mu(__riscv_vmand_mm_b4(shifted, below, vl), v, v, -1, vl);
    }
    const vuint16m4_t by = __riscv_vreinterpret_v_i16m4_u16m4(__riscv_vsext_vf2_i16m4(right, vl));
    return __riscv_vnclip_wv_i16m4(v, by, __RISCV_VXRM_RNU, vl);
}

/* The same of `count` sums, plus the zero point, clamped. */
static inline __attribute__((always_inline)) void te_requantize_lanes(const int32_t *sums,
                                                                      const int32_t *multiplier,
                                                                      const int8_t *shift, int32_t count,
                                                                      te_output o, int8_t *out) {
    TE_ROLLED
    while (count > 0) {
        const size_t vl = __riscv_vsetvl_e32m8((size_t)count);
        const vint16m4_t half =
            te_scale_lanes(sums, multiplier, shift, o.max_shift, o.min < o.zero_point, vl);
        te_store_s16m4_s8(__riscv_vsadd_vx_i16m4(half, (int16_t)o.zero_point, vl), o, out, vl);
        sums += vl;
        multiplier += vl;
        shift += vl;
        out += vl;
        count -= (int32_t)vl;
    }
}

/* The same of sums that share a multiplier and a shift, `step` bytes apart at `out`. */
static inline __attribute__((always_inline)) void te_requantize_alike(vint32m8_t v, int32_t multiplier,
                                                                      int32_t shift, te_output o, int8_t *out,
                                                                      int32_t step, size_t vl) {
    int32_t right = -shift;
    if (o.max_shift > 0) {
        v = __riscv_vsll_vx_i32m8(v, (size_t)te_max(shift, 0), vl);
        right = te_max(right, 0);
    }
    v = __riscv_vsmul_vx_i32m8(v, multiplier, __RISCV_VXRM_RNU, vl);
    if (o.min < o.zero_point) {
        const vbool4_t negative = __riscv_vmslt_vx_i32m8_b4(v, 0, vl);
        v = __riscv_vadd_vx_i32m8_mu(negative, v, v, -(right > 0), vl);
    }
    vint16m4_t half = __riscv_vnclip_wx_i16m4(v, (size_t)right, __RISCV_VXRM_RNU, vl);
    half = __riscv_vsadd_vx_i16m4(half, (int16_t)o.zero_point, vl);
    __riscv_vsse8_v_i8m2(out, step, te_clamp_s16m4_s8(half, o, vl), vl);
}

#endif
