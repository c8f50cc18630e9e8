/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/vector.h"

enum { TE_MEAN_S8_FIT = 256 /* bytes whose sum fits 16 bits */ };

static inline __attribute__((always_inline)) vint32m8_t te_mean_s8_add(vint32m8_t sums, const int8_t *from,
                                                                       int32_t step, int32_t count,
                                                                       int32_t pitch, size_t vl) {
    TE_ROLLED
    while (count > 0) {
        const int32_t now = te_min(count, TE_MEAN_S8_FIT);
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

static inline vint16m8_t te_mean_s8_load(const int8_t *from, size_t vl) {
    return __riscv_vsext_vf2_i16m8(__riscv_vle8_v_i8m4(from, vl), vl);
}

static inline void te_mean_s8_store(int8_t *to, vint32m8_t v, size_t vl) {
    __riscv_vse8_v_i8m2(to, __riscv_vncvt_x_x_w_i8m2(__riscv_vncvt_x_x_w_i16m4(v, vl), vl), vl);
}

#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_LOAD te_mean_s8_load
#define TE_ADD te_mean_s8_add
#define TE_STORE te_mean_s8_store
#include "kernels/rvv/mean_body.h"
