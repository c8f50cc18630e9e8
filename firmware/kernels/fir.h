/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of finite impulse response over every channel of a stream, some rows of which are left out. */
#ifndef TE_FIR_H
#define TE_FIR_H

#include "kernels/kernel.h"

typedef struct te_fir {
    int32_t rows, channels; /* of the output */
    int32_t taps, stride;   /* rows of the input from one of the output to the next */
    int32_t shift;          /* fraction bits of a coefficient, 1 to 30 */
} te_fir;

/* in [taps + (rows - 1) * stride, channels], out [rows, channels]; coefficients [taps], that of the oldest
   row first: out[r] = sum(coefficients[i] * in[r * stride + i]) / 2^shift, to the nearest, ties up, and
   within the limits of int16. Sums have 64 bits.

   Order: row by row, or channel by channel. `out` must not overlap `in`. */
typedef void te_fir_s16_fn(const te_fir *p, const int16_t *in, const int16_t *coefficients, int16_t *out);

/* What rounds a sum that begins with it. */
static inline int64_t te_fir_half(const te_fir *p) { return INT64_C(1) << (p->shift - 1); }

/* The output of a sum of products, each below 2^30. */
static inline int16_t te_fir_rounded(const te_fir *p, int64_t sum) {
    sum >>= p->shift;
    if (p->taps >> p->shift == 0) /* 31 bits hold it */
        return (int16_t)te_clamp((int32_t)sum, INT16_MIN, INT16_MAX);
    return (int16_t)(sum < INT16_MIN ? INT16_MIN : sum > INT16_MAX ? INT16_MAX : sum);
}

#endif
