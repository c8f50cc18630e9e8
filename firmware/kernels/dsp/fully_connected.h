/* SPDX-License-Identifier: Apache-2.0 */
/* What only the dense layer for Arm's DSP instructions needs to know; decided by
   tinyedge/plan/layout/dsp.py. */
#ifndef TE_DSP_FULLY_CONNECTED_H
#define TE_DSP_FULLY_CONNECTED_H

#include "kernels/fully_connected.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_FULLY_CONNECTED_DSP_FOUR = 4, /* channels at once, and inputs of a word */
};

typedef struct te_fully_connected_dsp {
    int16_t fitted, left, right; /* 1: the multiplier is for te_requantize_fitted, with these shifts */
} te_fully_connected_dsp;

typedef void te_fully_connected_s8_dsp_fn(const te_fully_connected *p, const te_fully_connected_dsp *laid,
                                          const int8_t *in, const int8_t *weights, const int32_t *bias,
                                          const int32_t *multiplier, const int8_t *shift, int8_t *out);

#endif
