/* SPDX-License-Identifier: Apache-2.0 */
/* What the convolution for RVV and its layout (tinyedge/plan/layout/rvv.py) agree on. */
#ifndef TE_RVV_CONV_2D_H
#define TE_RVV_CONV_2D_H

#include "kernels/conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_CONV_2D_RVV_FEW = 16,       /* channels of a group up to which more pixels are made at once ... */
    TE_CONV_2D_RVV_MANY = 6,       /* ... namely these, and ... */
    TE_CONV_2D_RVV_PIXELS = 3,     /* ... else these */
    TE_CONV_2D_RVV_WINDOWS = 1776, /* stack bytes for the inputs of all: larger windows are taken in parts */
    TE_CONV_2D_RVV_TAPS = 1080,    /* the same with int16 activations, in inputs */
};

#endif
