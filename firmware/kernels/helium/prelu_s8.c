/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements at a time. */
#include "kernels/helium/prelu.h"

TE_KERNEL te_prelu_fn te_prelu_s8_helium;

#define TE_BINARY te_prelu_s8_helium
#define TE_PARAMETERS te_prelu
#define TE_LEFT int8_t
#define TE_LEFT_END s8
#define TE_RIGHT int8_t
#define TE_RIGHT_END s8
#define TE_RESULT int8_t
#define TE_RESULT_END s8
#define TE_GIVEN(type) void
#define TE_COMBINE(p, u, v) te_eight_clamp_s8(te_prelu_eight(p, u, v), (p)->out_min, (p)->out_max)
#include "kernels/helium/binary_body.h"
