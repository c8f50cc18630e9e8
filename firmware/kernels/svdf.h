/* SPDX-License-Identifier: Apache-2.0 */
/* A filter over features followed by one over the time that a state remembers. */
#ifndef TE_SVDF_H
#define TE_SVDF_H

#include "kernels/kernel.h"

typedef struct te_svdf {
    int32_t batches, inputs, units, rank, memory;
    int32_t feature_multiplier, feature_shift; /* to the state's scale */
    int32_t multiplier, shift;                 /* from there to the output's */
    int32_t state_zero_point, out_zero_point;
} te_svdf;

/* in [batches, inputs], features [units * rank, inputs] with feature_bias [units * rank], which has the zero
   point of in folded in, time [units * rank, memory], bias [units], which has that of the state folded in,
   out [batches, units]; multipliers and shifts for te_requantize. time and state are int16, or int8
   (s8_narrow): a new state is
   clamped, and wraps around when its zero point is added, as in TFLM. A unit is the sum of its filters over time, which wraps around at 32 bits.

   state [batches, units * rank, memory] holds what each filter made of the last inputs, the latest last. No
   overlap. */
typedef void te_svdf_s8_fn(const te_svdf *p, const int8_t *in, const int8_t *features,
                           const int32_t *feature_bias, const void *time, const int32_t *bias, void *state,
                           int8_t *out);

#endif
