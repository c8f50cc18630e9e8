/* SPDX-License-Identifier: Apache-2.0 */
/* What only the convolution for Helium needs to know; decided by tinyedge/plan/layout/helium_conv.py. */
#ifndef TE_HELIUM_CONV_2D_H
#define TE_HELIUM_CONV_2D_H

#include "kernels/conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_CONV_2D_HELIUM_PIXELS = 4,   /* output pixels that are made at once */
    TE_CONV_2D_HELIUM_STRIP = 1664, /* stack bytes for the inputs of a stretch */
    TE_CONV_2D_HELIUM_BLOCK = 64,   /* channels whose sums are on the stack */
    TE_CONV_2D_HELIUM_SLIDE = 3,    /* columns of windows that slide over vectors */
    /* With int16 activations: */
    TE_CONV_2D_HELIUM_TAPS = 288, /* inputs of a pixel that are on the stack */
    TE_CONV_2D_HELIUM_FEWER = 32, /* channels whose sums are there */
};

typedef struct te_conv_2d_helium {
    int16_t packed; /* 1: the multiplier of a channel holds its shift, too (te_load_scales) */
    int16_t drawn; /* 1: lines give the outputs (tinyedge/arithmetic/line.py): multipliers have no shifts, and
                        behind all of them is, in 16 bits each, what is added to products */
    int16_t shared;  /* 1: windows share columns, and taps are in the order of columns */
    int16_t part;    /* input channels of a group at a time */
    int16_t stretch; /* pixels of a row at a time; 0: as few as possible, group by group and part by part */
} te_conv_2d_helium;

typedef void te_conv_2d_s8_helium_fn(const te_conv_2d *p, const te_conv_2d_helium *laid, const int8_t *in,
                                     const int8_t *weights, const int32_t *bias, const int32_t *multiplier,
                                     const int8_t *shift, int8_t *out);

#endif
