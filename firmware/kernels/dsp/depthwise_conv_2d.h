/* SPDX-License-Identifier: Apache-2.0 */
/* What only the depthwise convolution for Arm's DSP instructions needs to know; used by
   tinyedge/plan/layout/dsp_depthwise.py. */
#ifndef TE_DSP_DEPTHWISE_CONV_2D_H
#define TE_DSP_DEPTHWISE_CONV_2D_H

#include "kernels/depthwise_conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_DEPTHWISE_CONV_2D_DSP_TAPS = 3,   /* rows and columns of a window */
    TE_DEPTHWISE_CONV_2D_DSP_SIX = 6,    /* outputs of a line made at once */
    TE_DEPTHWISE_CONV_2D_DSP_FOUR = 4,   /* channels, or columns, of a word */
    TE_DEPTHWISE_CONV_2D_DSP_EACH = 2,   /* words of a row's inputs of a channel, for six windows */
    TE_DEPTHWISE_CONV_2D_DSP_SECOND = 4, /* the same where every second window counts */
    TE_DEPTHWISE_CONV_2D_DSP_CELL = 128, /* words of a row of a cell */
    TE_DEPTHWISE_CONV_2D_DSP_RIGHT = 2,  /* shift of all channels */
};

#endif
