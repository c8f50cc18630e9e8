/* SPDX-License-Identifier: Apache-2.0 */
#define TE_SVDF te_svdf_s8_narrow_rvv
#define TE_FRESH te_svdf_s8_narrow_fresh
#define TE_KEPT int8_t
#define TE_LEAST INT8_MIN
#define TE_MOST INT8_MAX
#define TE_WEIGHTS(from, vl) __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1(from, vl), vl)
#define TE_STATES(from, step, vl) __riscv_vsext_vf2_i16m2(__riscv_vlse8_v_i8m1(from, step, vl), vl)
#define TE_KEEP(to, step, v, vl) __riscv_vsse8_v_i8m1(to, step, __riscv_vncvt_x_x_w_i8m1(v, vl), vl)
#include "kernels/rvv/svdf_body.h"
