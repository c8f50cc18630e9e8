/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/compare.h"

TE_KERNEL te_compare_fn te_compare_s8_rvv;

#define TE_BINARY te_compare_s8_rvv
#define TE_PARAMETERS te_compare
#define TE_LEFT int8_t
#define TE_LEFT_END s8
#define TE_RIGHT int8_t
#define TE_RIGHT_END s8
#define TE_RESULT uint8_t
#define TE_RESULT_END u8
#define TE_GIVEN(type) void
#define TE_COMBINE te_compare_lanes
#include "kernels/rvv/binary_body.h"
