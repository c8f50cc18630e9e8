/* SPDX-License-Identifier: Apache-2.0 */
/* Eight elements at a time. */
#include "kernels/helium/compare.h"

TE_KERNEL te_compare_fn te_compare_s16_helium;

#define TE_BINARY te_compare_s16_helium
#define TE_PARAMETERS te_compare
#define TE_LEFT int16_t
#define TE_LEFT_END s16
#define TE_RIGHT int16_t
#define TE_RIGHT_END s16
#define TE_RESULT uint8_t
#define TE_RESULT_END s8
#define TE_GIVEN(type) void
#define TE_COMBINE te_compare_eight
#include "kernels/helium/binary_body.h"
