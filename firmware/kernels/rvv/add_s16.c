/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/rvv/add.h"

TE_KERNEL te_add_s16_fn te_add_s16_rvv;

#define TE_BINARY te_add_s16_rvv
#define TE_PARAMETERS te_add
#define TE_LEFT int16_t
#define TE_LEFT_END s16
#define TE_RIGHT int16_t
#define TE_RIGHT_END s16
#define TE_RESULT int16_t
#define TE_RESULT_END s16
#define TE_GIVEN(type) type
#define TE_COMBINE te_add_lanes
#include "kernels/rvv/binary_body.h"
