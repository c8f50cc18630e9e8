/* SPDX-License-Identifier: Apache-2.0 */
/* tinyedge/plan/layout/scalar_short.py leaves what is not divided to the portable kernel. */
#include "kernels/scalar/conv_2d_s16.h"
#include "kernels/scalar/doubled.h"

static inline int32_t te_conv_2d_s16_narrow_scalar_scale(int32_t sum, int32_t multiplier, int32_t shift) {
    return te_requantize_right(sum, (uint32_t)multiplier * 2, -shift);
}

TE_KERNEL te_conv_2d_s16_narrow_fn te_conv_2d_s16_narrow_scalar;

#define TE_CONV_2D te_conv_2d_s16_narrow_scalar
#define TE_SCALE te_conv_2d_s16_narrow_scalar_scale
#include "kernels/scalar/conv_2d_s16_body.h"
