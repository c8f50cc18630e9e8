/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/add_up.h"

#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_LOAD __riscv_vle16_v_i16m8
#define TE_ADD te_add_up_s16
#define TE_STORE te_store_s32m8_s16
#include "kernels/rvv/mean_body.h"
