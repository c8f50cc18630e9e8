/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/div.h"

TE_KERNEL te_div_fn te_div_s16_rvv;

#define TE_BINARY te_div_s16_rvv
#define TE_PARAMETERS te_div
#define TE_LEFT int16_t
#define TE_LEFT_END s16
#define TE_RIGHT int16_t
#define TE_RIGHT_END s16
#define TE_RESULT int16_t
#define TE_RESULT_END s16
#define TE_GIVEN(type) void
#define TE_COMBINE(p, u, v, vl) te_div_lanes(p, 16, u, v, vl)
#include "kernels/rvv/binary_body.h"
