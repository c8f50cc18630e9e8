/* SPDX-License-Identifier: Apache-2.0 */
/* How far two tensors are apart, in one number. */
#ifndef TE_DIFFERENCE_H
#define TE_DIFFERENCE_H

#include "kernels/kernel.h"

typedef struct te_difference {
    int32_t count;
    int32_t zero_in, zero_out;
    int32_t factor_in, factor_out; /* whole numbers of a common unit that a step of each is worth */
    int32_t squared;               /* 1: sum of squares; 0: of magnitudes */
    int32_t shift;
} te_difference;

/* out[0] = the sum over (in - zero_in) * factor_in - (made - zero_out) * factor_out, / 2^shift to the
   nearest. The sum fits 62 bits. All of both is read before `out` is written. */
typedef void te_difference_s8_fn(const te_difference *p, const int8_t *in, const int8_t *made, int32_t *out);
typedef void te_difference_s16_fn(const te_difference *p, const int16_t *in, const int16_t *made,
                                  int32_t *out);

#endif
