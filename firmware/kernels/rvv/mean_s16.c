/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/vector.h"

static inline __attribute__((always_inline)) vint32m8_t te_mean_s16_add(vint32m8_t sums, const int16_t *from,
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

static inline void te_mean_s16_store(int16_t *to, vint32m8_t v, size_t vl) {
    __riscv_vse16_v_i16m4(to, __riscv_vncvt_x_x_w_i16m4(v, vl), vl);
}

#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_LOAD __riscv_vle16_v_i16m8
#define TE_ADD te_mean_s16_add
#define TE_STORE te_mean_s16_store
#include "kernels/rvv/mean_body.h"
