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

   Order: row by row. `out` must not overlap `in`. */
typedef void te_fir_s16_fn(const te_fir *p, const int16_t *in, const int16_t *coefficients, int16_t *out);

#endif
