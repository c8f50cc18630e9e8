/* SPDX-License-Identifier: Apache-2.0 */
/* What only the convolution for cores without vectors needs to know; decided by
   tinyedge/plan/layout/scalar.py. */
#ifndef TE_SCALAR_CONV_2D_H
#define TE_SCALAR_CONV_2D_H

#include "kernels/conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_CONV_2D_SCALAR_TAPS = 288, /* taps of three pixels that the stack holds */
    TE_CONV_2D_SCALAR_PIXELS = 3, /* output pixels that are made at once */
    TE_CONV_2D_SCALAR_BLOCK = 32, /* channels whose sums wait for the next part of a window */
    TE_CONV_2D_SCALAR_MOST = 8,   /* channels whose sums are in registers */
    TE_CONV_2D_SCALAR_FOUR = 4,   /* taps, of which chunks are multiples; with int16 activations channels at
                                     once and pixels at once */
    TE_CONV_2D_SCALAR_WIDE = 288, /* int16 taps of a pixel that the stack holds */
};

typedef struct te_conv_2d_scalar {
    uint8_t high;  /* 1: multipliers are pairs: of te_requantize_high, or of lines */
    uint8_t lines; /* 1: for te_requantize_line_s8, by these two shifts */
    uint8_t line_left, line_right;
    uint8_t chunk;  /* fours of taps whose sums stay within 21 bits, whatever the inputs */
    uint8_t rows;   /* in strips: of output whose pixels are made together, 1 or 3; else 0 */
    uint8_t length; /* in strips: outputs of one place in each row whose windows the stack holds */
} te_conv_2d_scalar;

typedef void te_conv_2d_s8_scalar_fn(const te_conv_2d *p, const te_conv_2d_scalar *laid, const int8_t *in,
                                     const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                     const int8_t *shift, int8_t *out);

#endif
