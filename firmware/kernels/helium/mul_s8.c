/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements at a time. */
#include "kernels/helium/mul.h"

TE_KERNEL te_mul_s8_fn te_mul_s8_helium;

#define TE_BINARY te_mul_s8_helium
#define TE_PARAMETERS te_mul
#define TE_LEFT int8_t
#define TE_LEFT_END s8
#define TE_RIGHT int8_t
#define TE_RIGHT_END s8
#define TE_RESULT int8_t
#define TE_RESULT_END s8
#define TE_GIVEN(type) type
#define TE_COMBINE(p, u, v) te_eight_clamp_s8(te_mul_eight(p, u, v), (p)->out_min, (p)->out_max)
#include "kernels/helium/binary_body.h"
