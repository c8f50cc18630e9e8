/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_LANES(name) __riscv_##name##_i8m8
#define TE_VECTOR vint8m8_t
#define TE_LENGTH __riscv_vsetvl_e8m8
#define TE_LOAD __riscv_vle8_v_i8m8
#define TE_STORE __riscv_vse8_v_i8m8
#include "kernels/rvv/max_pool_2d_body.h"
