/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_LANES(name) __riscv_##name##_i16m8
#define TE_VECTOR vint16m8_t
#define TE_LENGTH __riscv_vsetvl_e16m8
#define TE_LOAD __riscv_vle16_v_i16m8
#define TE_STORE __riscv_vse16_v_i16m8
#include "kernels/rvv/max_pool_2d_body.h"
