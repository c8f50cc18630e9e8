/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/add_up.h"

static inline vint16m8_t te_mean_s8_load(const int8_t *from, size_t vl) {
    return __riscv_vsext_vf2_i16m8(__riscv_vle8_v_i8m4(from, vl), vl);
}

#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_LOAD te_mean_s8_load
#define TE_ADD te_add_up_s8
#define TE_STORE te_store_s32m8_s8
#include "kernels/rvv/mean_body.h"
