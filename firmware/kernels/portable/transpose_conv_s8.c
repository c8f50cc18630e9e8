/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/dot.h"
#define TE_TRANSPOSE_CONV te_transpose_conv_s8_portable
#define TE_KIND(name, end) name##_s8##end
#define TE_ELEMENT int8_t
#define TE_SUM int32_t
#define TE_DOT te_dot_s8
#define TE_TAP_PARAMETER const int32_t *tap_bias,
#define TE_TAP_BIAS(i) tap_bias[i]
#define TE_SCALE te_requantize
#include "kernels/portable/transpose_conv_body.h"
