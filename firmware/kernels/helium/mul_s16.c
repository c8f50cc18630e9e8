/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements at a time. */
#include "kernels/helium/mul.h"

TE_KERNEL te_mul_s16_fn te_mul_s16_helium;

#define TE_BINARY te_mul_s16_helium
#define TE_PARAMETERS te_mul
#define TE_LEFT int16_t
#define TE_LEFT_END s16
#define TE_RIGHT int16_t
#define TE_RIGHT_END s16
#define TE_RESULT int16_t
#define TE_RESULT_END s16
#define TE_GIVEN(type) type
#define TE_COMBINE(p, u, v) te_eight_clamp_s16(te_mul_eight(p, u, v), (p)->out_min, (p)->out_max)
#include "kernels/helium/binary_body.h"
