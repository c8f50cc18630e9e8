/* SPDX-License-Identifier: Apache-2.0 */
/* What only the dense layer for the ESP32-S3's vectors needs to know; decided by tinyedge/plan/layout/pie.py.
 */
#ifndef TE_PIE_FULLY_CONNECTED_H
#define TE_PIE_FULLY_CONNECTED_H

#include "kernels/fully_connected.h"

typedef struct te_fully_connected_pie {
    int16_t left; /* as te_pie_scaling (output.h) has it */
} te_fully_connected_pie;

/* Multipliers and shifts are in words (dot.h); those by themselves are of no use. */
typedef void te_fully_connected_s8_pie_fn(const te_fully_connected *p, const te_fully_connected_pie *laid,
                                          const int8_t *in, const int8_t *weights, const int32_t *words,
                                          const int32_t *multiplier, const int8_t *shift, int8_t *out);

/* With int16 activations, in planes.h's words: lower bits of the multipliers, too. In `window` the planes of
   a batch's inputs are laid. */
typedef void te_fully_connected_s16_pie_fn(const te_fully_connected *p, const int16_t *in,
                                           const int8_t *weights, const int32_t *words,
                                           const int32_t *multiplier, const int32_t *low, const int8_t *shift,
                                           int16_t *out, int8_t *window);

#endif
