/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/div.h"

TE_KERNEL te_div_fn te_div_s8_rvv;

#define TE_BINARY te_div_s8_rvv
#define TE_PARAMETERS te_div
#define TE_LEFT int8_t
#define TE_LEFT_END s8
#define TE_RIGHT int8_t
#define TE_RIGHT_END s8
#define TE_RESULT int8_t
#define TE_RESULT_END s8
#define TE_GIVEN(type) void
#define TE_COMBINE(p, u, v, vl) te_div_lanes(p, 8, u, v, vl)
#include "kernels/rvv/binary_body.h"
