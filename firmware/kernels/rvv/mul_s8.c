/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/mul.h"

TE_KERNEL te_mul_s8_fn te_mul_s8_rvv;

#define TE_BINARY te_mul_s8_rvv
#define TE_PARAMETERS te_mul
#define TE_LEFT int8_t
#define TE_LEFT_END s8
#define TE_RIGHT int8_t
#define TE_RIGHT_END s8
#define TE_RESULT int8_t
#define TE_RESULT_END s8
#define TE_GIVEN(type) type
#define TE_COMBINE te_mul_lanes
#include "kernels/rvv/binary_body.h"
