/* SPDX-License-Identifier: Apache-2.0 */
/* What only the depthwise convolution for Xtensa needs to know; decided by tinyedge/plan/layout/xtensa.py. */
#ifndef TE_XTENSA_DEPTHWISE_CONV_2D_H
#define TE_XTENSA_DEPTHWISE_CONV_2D_H

#include "kernels/depthwise_conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_DEPTHWISE_CONV_2D_XTENSA_PIXELS = 3, /* output pixels that are made at once, at least ... */
    TE_DEPTHWISE_CONV_2D_XTENSA_MOST = 5,   /* ... and at most */
    TE_DEPTHWISE_CONV_2D_XTENSA_CHANNELS = 16,
    TE_DEPTHWISE_CONV_2D_XTENSA_STRIP = 128, /* pixels of input, of 16 channels each, that the stack holds */
};

typedef struct te_depthwise_conv_2d_xtensa {
    uint8_t high;   /* 1: multiplier and shift are for te_requantize_high */
    uint8_t pixels; /* that are made at once */
    uint8_t stride; /* 1, 2: that of windows of 3 x 3 neighbours; 0: windows of any kind, three pixels */
} te_depthwise_conv_2d_xtensa;

typedef void te_depthwise_conv_2d_s8_xtensa_fn(const te_depthwise_conv_2d *p,
                                               const te_depthwise_conv_2d_xtensa *laid, const int8_t *in,
                                               const int8_t *weights, const int32_t *bias,
                                               const int32_t *multiplier, const int8_t *shift, int8_t *out);

#endif
