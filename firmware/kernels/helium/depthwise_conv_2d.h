/* SPDX-License-Identifier: Apache-2.0 */
/* What only the depthwise convolution for Helium needs to know; decided by
   tinyedge/plan/layout/helium_depthwise.py and helium_windows.py. */
#ifndef TE_HELIUM_DEPTHWISE_CONV_2D_H
#define TE_HELIUM_DEPTHWISE_CONV_2D_H

#include "kernels/depthwise_conv_2d.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_DEPTHWISE_CONV_2D_HELIUM_STRIP = 2560,  /* stack bytes for the inputs of a stretch */
    TE_DEPTHWISE_CONV_2D_HELIUM_SOURCES = 256, /* outputs of a part, where input channels have several */
    TE_DEPTHWISE_CONV_2D_HELIUM_LANES = 8,     /* channels of a vector */

    TE_WINDOWS_SQUARE = 4,   /* rows of a strip of windows, columns of a vector of it */
    TE_WINDOWS_LEAD = 5,     /* bytes of 0 before the first weight */
    TE_WINDOWS_TOGETHER = 8, /* channels that are laid together */
};

typedef struct te_depthwise_conv_2d_helium {
    int16_t packed;  /* 1: the multiplier of a channel holds its shift, too (te_load_scales) */
    int16_t drawn;   /* 1, of windows: as of te_conv_2d_helium */
    int16_t unit;    /* pixels whose channels are side by side in vectors */
    int16_t part;    /* channels at a time */
    int16_t stretch; /* pixels of a row at a time; 0: one, part by part */
    int16_t pitch;   /* of windows: bytes of a channel of a part */
} te_depthwise_conv_2d_helium;

typedef void te_depthwise_conv_2d_s8_helium_fn(const te_depthwise_conv_2d *p,
                                               const te_depthwise_conv_2d_helium *laid, const int8_t *in,
                                               const int8_t *weights, const int32_t *bias,
                                               const int32_t *multiplier, const int8_t *shift, int8_t *out);

#endif
