/* SPDX-License-Identifier: Apache-2.0 */
/* What only the dense layer for RVV needs to know; decided by tinyedge/plan/layout/rvv.py. */
#ifndef TE_RVV_FULLY_CONNECTED_H
#define TE_RVV_FULLY_CONNECTED_H

#include "kernels/fully_connected.h"

typedef struct te_fully_connected_rvv {
    int16_t left, right; /* shifts of te_requantize_fitted, which the multipliers are for */
    int16_t few;         /* 1: weights are [channels, depth], and lanes are inputs */
} te_fully_connected_rvv;

typedef void te_fully_connected_s8_rvv_fn(const te_fully_connected *p, const te_fully_connected_rvv *laid,
                                          const int8_t *in, const int8_t *weights, const int32_t *bias,
                                          const int32_t *multiplier, const int8_t *shift, int8_t *out);

#endif
