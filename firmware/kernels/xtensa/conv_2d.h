/* SPDX-License-Identifier: Apache-2.0 */
/* What only the convolution for Xtensa needs to know; decided by tinyedge/plan/layout/xtensa.py. */
#ifndef TE_XTENSA_CONV_2D_H
#define TE_XTENSA_CONV_2D_H

#include "kernels/conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_CONV_2D_XTENSA_FOURS = 160, /* fours of taps that the stack holds */
    TE_CONV_2D_XTENSA_BLOCK = 2,   /* channels whose sums are kept at a time */
    TE_CONV_2D_XTENSA_FOUR = 4,    /* products that are summed up packed */
    TE_CONV_2D_XTENSA_WORDS = 5,   /* of four taps: their X, and what a sum of theirs starts from */
};

typedef struct te_conv_2d_xtensa {
    int16_t high; /* 1: multiplier and shift are for te_requantize_high */
} te_conv_2d_xtensa;

typedef void te_conv_2d_s8_xtensa_fn(const te_conv_2d *p, const te_conv_2d_xtensa *laid, const int8_t *in,
                                     const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                     const int8_t *shift, int8_t *out);

#endif
