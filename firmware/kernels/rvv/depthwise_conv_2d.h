/* SPDX-License-Identifier: Apache-2.0 */
/* What the depthwise convolution for RVV and its layout (tinyedge/plan/layout/rvv.py) agree on. */
#ifndef TE_RVV_DEPTHWISE_CONV_2D_H
#define TE_RVV_DEPTHWISE_CONV_2D_H

#include "kernels/depthwise_conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_DEPTHWISE_CONV_2D_RVV_STRIP = 2048,  /* stack bytes for the inputs */
    TE_DEPTHWISE_CONV_2D_RVV_OUTPUTS = 128, /* outputs of one input channel, at most: bytes count them */
};

#endif
