/* SPDX-License-Identifier: Apache-2.0 */
/* What only the convolution for Xtensa's MAC16 needs to know; decided by tinyedge/plan/layout/mac16.py. */
#ifndef TE_MAC16_CONV_2D_H
#define TE_MAC16_CONV_2D_H

#include "kernels/conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_CONV_2D_MAC16_PIXELS = 8, /* output pixels that are made at once, at most */
    TE_CONV_2D_MAC16_ROOM = 4736 /* bytes of their windows, at most */
};

typedef struct te_conv_2d_mac16 {
    int16_t high;   /* 1: multiplier and shift are for te_requantize_high */
    int16_t pixels; /* that are made at once */
} te_conv_2d_mac16;

/* In `window`: windows of the pixels, and two rows of as many halfwords; each with its gap (mac16.h). */
typedef void te_conv_2d_s8_mac16_fn(const te_conv_2d *p, const te_conv_2d_mac16 *laid, const int8_t *in,
                                    const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                    const int8_t *shift, int8_t *out, int8_t *window);

#endif
