/* SPDX-License-Identifier: Apache-2.0 */
/* For cores with a fast 32-bit multiplication and no vectors: four output pixels by four channels, whose
   sixteen sums are in registers.

   The windows of four pixels are laid on the stack, TE_CONV_2D_SCALAR_WIDE taps at a time, tap by tap side by
   side. Weights, from tinyedge/plan/layout/scalar_short.py: for every group, every TE_CONV_2D_SCALAR_BLOCK of
   its channels, every part of the window, every four channels and every one of those that remain, [taps,
   channels]. TE_CONV_2D is the kernel's name, TE_SCALE requantises a sum; included once for each. */
#include "kernels/scalar/conv_2d_s16.h"

#define TE_PIXELS TE_CONV_2D_SCALAR_FOUR
#define TE_BLOCK TE_CONV_2D_SCALAR_BLOCK
#define TE_TAPS TE_CONV_2D_SCALAR_WIDE
#define TE_COPY te_conv_2d_s16_scalar_copy
#define TE_CLEAR te_short_clear
#define TE_ADD te_conv_2d_s16_scalar_block
#define TE_OUTPUT(...) te_conv_2d_s16_requantize(__VA_ARGS__, TE_PIXELS, TE_SCALE)
#include "kernels/conv_2d_windows.h"

#undef TE_SCALE
