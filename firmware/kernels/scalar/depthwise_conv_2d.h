/* SPDX-License-Identifier: Apache-2.0 */
/* What only the depthwise convolution for cores without vectors needs to know; decided by
   tinyedge/plan/layout/scalar.py. */
#ifndef TE_SCALAR_DEPTHWISE_CONV_2D_H
#define TE_SCALAR_DEPTHWISE_CONV_2D_H

#include "kernels/depthwise_conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_DEPTHWISE_CONV_2D_SCALAR_PIXELS = 3,   /* output pixels that are made at once */
    TE_DEPTHWISE_CONV_2D_SCALAR_STRIP = 2048, /* inputs that the stack holds */
};

typedef struct te_depthwise_conv_2d_scalar {
    uint8_t high;  /* 1: multipliers are pairs: of te_requantize_high, or of lines */
    uint8_t lines; /* 1: for te_requantize_line_s8, by these two shifts */
    uint8_t line_left, line_right;
} te_depthwise_conv_2d_scalar;

typedef void te_depthwise_conv_2d_s8_scalar_fn(const te_depthwise_conv_2d *p,
                                               const te_depthwise_conv_2d_scalar *laid, const int8_t *in,
                                               const int8_t *weights, const int32_t *bias,
                                               const int32_t *multiplier, const int8_t *shift, int8_t *out);

#endif
