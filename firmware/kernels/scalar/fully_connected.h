/* SPDX-License-Identifier: Apache-2.0 */
/* What only the dense layer for cores without vectors needs to know; decided by
   tinyedge/plan/layout/scalar_dense.py. */
#ifndef TE_SCALAR_FULLY_CONNECTED_H
#define TE_SCALAR_FULLY_CONNECTED_H

#include "kernels/fully_connected.h"

/* What the layout in tinyedge/plan/layout/ reads here, too. */
enum {
    TE_FULLY_CONNECTED_SCALAR_SEGMENT = 640, /* inputs that the stack holds */
    TE_FULLY_CONNECTED_SCALAR_SHORT = 480,   /* the same, in chunks of two */
    TE_FULLY_CONNECTED_SCALAR_BLOCK = 32,    /* channels whose sums wait for the next segment */
    TE_FULLY_CONNECTED_SCALAR_TWOS = 4,      /* pairs of channels at once */
    TE_FULLY_CONNECTED_SCALAR_EIGHT = 8,     /* channels at once, with int16 activations */
};

typedef struct te_fully_connected_scalar {
    int16_t fitted, left, right; /* 1: the multiplier is for te_requantize_fitted, with these shifts */
    int16_t chunk;               /* inputs whose sums stay within 16 bits, whatever they are */
} te_fully_connected_scalar;

typedef void te_fully_connected_s8_scalar_fn(const te_fully_connected *p,
                                             const te_fully_connected_scalar *laid, const int8_t *in,
                                             const int8_t *weights, const int32_t *bias,
                                             const int32_t *multiplier, const int8_t *shift, int8_t *out);

#endif
