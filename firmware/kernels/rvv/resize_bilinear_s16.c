/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int16_t
#define TE_TYPED(name, end) name##_s16##end
#define TE_SHORTS __riscv_vle16_v_i16m2
#define TE_GATHER __riscv_vluxei16_v_i16m2
#define TE_STORE te_resize_bilinear_store_16
#define TE_MEAN te_resize_bilinear_mean_16
#include "kernels/rvv/resize_bilinear_body.h"
