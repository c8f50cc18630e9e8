/* SPDX-License-Identifier: Apache-2.0 */
#define TE_ELEMENT int8_t
#define TE_TYPED(name, end) name##_s8##end
#define TE_SHORTS(from, vl) __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1(from, vl), vl)
#define TE_GATHER(from, at, vl) __riscv_vsext_vf2_i16m2(__riscv_vluxei16_v_i8m1(from, at, vl), vl)
#define TE_STORE(to, step, v, vl) te_resize_bilinear_store_8((int8_t *)(to), step, v, vl)
#define TE_MEAN te_resize_bilinear_mean_8
#include "kernels/rvv/resize_bilinear_body.h"
