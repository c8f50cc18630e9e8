/* SPDX-License-Identifier: Apache-2.0 */
/* What means and average pools share: sums of `count` vectors that are `pitch` apart, of elements that are `step` apart,
   added to `sums`; and stores of numbers that fit. */
#ifndef TE_RVV_ADD_UP_H
#define TE_RVV_ADD_UP_H

#include "kernels/rvv/vector.h"

enum { TE_ADD_UP_FIT = 256 /* bytes whose sum fits 16 bits */ };

static inline __attribute__((always_inline)) vint32m8_t te_add_up_s8(vint32m8_t sums, const int8_t *from,
                                                                     int32_t step, int32_t count,
                                                                     int32_t pitch, size_t vl) {
    TE_ROLLED
    while (count > 0) {
        const int32_t now = te_min(count, TE_ADD_UP_FIT);
        vint16m4_t part = __riscv_vmv_v_x_i16m4(0, vl);
        TE_TAPS
        for (int32_t i = 0; i < now; i++) {
            part = __riscv_vwadd_wv_i16m4(part,
                                          step == 1 ? __riscv_vle8_v_i8m2(from, vl)
                                                    : __riscv_vlse8_v_i8m2(from, (ptrdiff_t)step, vl),
                                          vl);
            from += pitch;
        }
        sums = __riscv_vwadd_wv_i32m8(sums, part, vl);
        count -= now;
    }
    return sums;
}

static inline __attribute__((always_inline)) vint32m8_t te_add_up_s16(vint32m8_t sums, const int16_t *from,
                                                                      int32_t step, int32_t count,
                                                                      int32_t pitch, size_t vl) {
    TE_TAPS
    for (int32_t i = 0; i < count; i++) {
        sums = __riscv_vwadd_wv_i32m8(sums,
                                      step == 1 ? __riscv_vle16_v_i16m4(from, vl)
                                                : __riscv_vlse16_v_i16m4(from, (ptrdiff_t)step * 2, vl),
                                      vl);
        from += pitch;
    }
    return sums;
}

static inline void te_store_s32m8_s8(int8_t *to, vint32m8_t v, size_t vl) {
    __riscv_vse8_v_i8m2(to, __riscv_vncvt_x_x_w_i8m2(__riscv_vncvt_x_x_w_i16m4(v, vl), vl), vl);
}

static inline void te_store_s32m8_s16(int16_t *to, vint32m8_t v, size_t vl) {
    __riscv_vse16_v_i16m4(to, __riscv_vncvt_x_x_w_i16m4(v, vl), vl);
}

#endif
