/* SPDX-License-Identifier: Apache-2.0 */
#define TE_SVDF te_svdf_s8_rvv
#define TE_FRESH te_svdf_s8_fresh
#define TE_KEPT int16_t
#define TE_LEAST INT16_MIN
#define TE_MOST INT16_MAX
#define TE_WEIGHTS __riscv_vle16_v_i16m2
#define TE_STATES __riscv_vlse16_v_i16m2
#define TE_KEEP __riscv_vsse16_v_i16m2
#include "kernels/rvv/svdf_body.h"
