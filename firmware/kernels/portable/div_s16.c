/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/div.h"

TE_KERNEL te_div_fn te_div_s16_portable;

#define TE_BINARY(end) te_div_s16##end
#define TE_PARAMETERS te_div
#define TE_LEFT int16_t
#define TE_RIGHT int16_t
#define TE_RESULT int16_t
#define TE_COMBINE(p, u, v) (int16_t)te_div_element(p, u, v)
#include "kernels/portable/binary_body.h"
