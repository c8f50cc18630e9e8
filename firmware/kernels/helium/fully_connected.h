/* SPDX-License-Identifier: Apache-2.0 */
/* What only the dense layer for Helium needs to know; decided by tinyedge/plan/layout/helium_dense.py. */
#ifndef TE_HELIUM_FULLY_CONNECTED_H
#define TE_HELIUM_FULLY_CONNECTED_H

#include "kernels/fully_connected.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_FULLY_CONNECTED_HELIUM_ROWS = 4,   /* channels that share the loads of inputs */
    TE_FULLY_CONNECTED_HELIUM_LANES = 16, /* weights of a vector */
};

typedef struct te_fully_connected_helium {
    /* 1: outputs are sum * 2^left, times multiplier / 2^31, plus out_zero_point * 2^right, over 2^right, ties
       up, and the first two steps saturating. */
    int16_t fitted, left, right;
} te_fully_connected_helium;

typedef void te_fully_connected_s8_helium_fn(const te_fully_connected *p,
                                             const te_fully_connected_helium *laid, const int8_t *in,
                                             const int8_t *weights, const int32_t *bias,
                                             const int32_t *multiplier, const int8_t *shift, int8_t *out);

#endif
