/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/scalar/conv_2d_s16.h"

TE_KERNEL te_conv_2d_s16_short_fn te_conv_2d_s16_scalar;

#define TE_CONV_2D te_conv_2d_s16_scalar
#define TE_SCALE te_requantize_short
#include "kernels/scalar/conv_2d_s16_body.h"
