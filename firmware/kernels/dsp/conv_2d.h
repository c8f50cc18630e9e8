/* SPDX-License-Identifier: Apache-2.0 */
/* What only the convolution for Arm's DSP instructions needs to know; decided by
   tinyedge/plan/layout/dsp.py. */
#ifndef TE_DSP_CONV_2D_H
#define TE_DSP_CONV_2D_H

#include "kernels/conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_CONV_2D_DSP_TAPS = 504,   /* of a pixel that the stack holds, 1008 bytes: LDRD adds up to 1020 */
    TE_CONV_2D_DSP_REACH = 288,  /* the same of three pixels */
    TE_CONV_2D_DSP_FOUR = 4,     /* taps of a word */
    TE_CONV_2D_DSP_PIXELS = 2,   /* output pixels that are made at once */
    TE_CONV_2D_DSP_TRIPLE = 3,   /* the same with int8 activations */
    TE_CONV_2D_DSP_CHANNELS = 2, /* that share the loads of inputs */
    TE_CONV_2D_DSP_BLOCK = 32,   /* channels whose sums wait for the next part of a window */
    TE_CONV_2D_DSP_QUAD = 4,     /* channels at once of two pixels with int8 activations */
    TE_CONV_2D_DSP_LONG = 432,   /* taps of each of these that the stack holds */
    TE_CONV_2D_DSP_RIGHT = 2,    /* shift of all channels of these, where a line gives the outputs */
    TE_CONV_2D_DSP_LINE = 64,    /* taps of a line of the window that may be widened by itself */
};

typedef struct te_conv_2d_dsp {
    int16_t high; /* 1: multiplier and shift are for te_requantize_high */
    int16_t line; /* 1: what lines of the window have behind their fours of taps comes last, together */
} te_conv_2d_dsp;

typedef void te_conv_2d_s8_dsp_fn(const te_conv_2d *p, const te_conv_2d_dsp *laid, const int8_t *in,
                                  const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                  const int8_t *shift, int8_t *out);

#endif
