/* SPDX-License-Identifier: Apache-2.0 */
/* What only the dense layer for Xtensa's MAC16 needs to know; decided by tinyedge/plan/layout/mac16.py. */
#ifndef TE_MAC16_FULLY_CONNECTED_H
#define TE_MAC16_FULLY_CONNECTED_H

#include "kernels/fully_connected.h"

typedef struct te_fully_connected_mac16 {
    int16_t fitted, left, right; /* 1: the multiplier is for te_requantize_fitted,
                                  with these shifts */
} te_fully_connected_mac16;

/* In `window`: the inputs of a batch, and their gap (mac16.h). */
typedef void te_fully_connected_s8_mac16_fn(const te_fully_connected *p, const te_fully_connected_mac16 *laid,
                                            const int8_t *in, const int8_t *weights, const int32_t *bias,
                                            const int32_t *multiplier, const int8_t *shift, int8_t *out,
                                            int8_t *window);

#endif
