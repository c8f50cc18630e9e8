/* SPDX-License-Identifier: Apache-2.0 */
/* Every output a weighted sum of every input of its batch. */
#ifndef TE_FULLY_CONNECTED_H
#define TE_FULLY_CONNECTED_H

#include "kernels/kernel.h"

typedef struct te_fully_connected {
    int32_t batches, depth, channels;
    int16_t channel_step; /* 1: multiplier and shift per output channel; 0: one pair for all */
    int16_t once;         /* 1: sums are rounded once, as LiteRT does; 0: as TFLM does */
    int16_t out_zero_point, out_min, out_max;
} te_fully_connected;

/* in [batches, depth], out [batches, channels], weights [channels, depth], bias [channels] less in_zero_point
   * (sum of the channel's weights); multiplier and shift for te_requantize_once, or te_requantize.

   Order: batch by batch, in and out ascending; all of a batch is read for every output of it. */
typedef void te_fully_connected_s8_fn(const te_fully_connected *p, const int8_t *in, const int8_t *weights,
                                      const int32_t *bias, const int32_t *multiplier, const int8_t *shift,
                                      int8_t *out);

/* The same where 32-bit multipliers are too coarse: multiplier, its lower bits and shift for
   te_requantize_wide, with ties away from zero. */
typedef void te_fully_connected_s8_wide_fn(const te_fully_connected *p, const int8_t *in,
                                           const int8_t *weights, const int32_t *bias,
                                           const int32_t *multiplier, const uint32_t *low,
                                           const int8_t *shift, int8_t *out);

/* The same with int16 activations, whose zero points are 0: sums of 64 bits; multiplier, its lower bits and
   shift for te_requantize_wide, with ties away from zero when `once`. */
typedef void te_fully_connected_s16_fn(const te_fully_connected *p, const int16_t *in, const int8_t *weights,
                                       const int64_t *bias, const int32_t *multiplier, const uint32_t *low,
                                       const int8_t *shift, int16_t *out);

/* te_fully_connected_s16_fn where sums fit 32 bits: multipliers and shifts are for te_requantize_upper. The fast kernels with
   int16 activations are of this type. */
typedef void te_fully_connected_s16_short_fn(const te_fully_connected *p, const int16_t *in,
                                             const int8_t *weights, const int32_t *bias,
                                             const int32_t *multiplier, const int32_t *low,
                                             const int8_t *shift, int16_t *out);

#endif
