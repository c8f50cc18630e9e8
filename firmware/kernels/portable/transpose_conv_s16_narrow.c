/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/wide.h"
#define TE_TRANSPOSE_CONV te_transpose_conv_s16_narrow_portable
#define TE_KIND(name, end) name##_s16_narrow##end
#define TE_ELEMENT int16_t
#define TE_SUM int32_t
#define TE_DOT (int32_t)te_dot_s16
#define TE_TAP_PARAMETER
#define TE_TAP_BIAS(i) 0
#define TE_SCALE te_requantize
#include "kernels/portable/transpose_conv_body.h"
