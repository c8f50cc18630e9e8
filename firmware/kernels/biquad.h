/* SPDX-License-Identifier: Apache-2.0 */
/* Recursive filters of second order, one behind another, over every channel of a stream. */
#ifndef TE_BIQUAD_H
#define TE_BIQUAD_H

#include "kernels/kernel.h"

enum { TE_BIQUAD_FRACTION = 29 }; /* fraction bits of coefficients: tinyedge/blocks/filter.py */

typedef struct te_biquad {
    int32_t rows, channels, sections;
    int32_t extra; /* bits of a value between sections below those of a sample, 1 to 15 */
} te_biquad;

/* in and out [rows, channels]; coefficients [sections, 5]: b0, b1, b2, a1, a2 of
       y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2],
   delays [channels, sections + 1, 2]: the last two values that enter each section, and that leave the last
   one. Values between sections saturate at 2^30 - 1, outputs at their type's limits; both are rounded to
   nearest.

   Order: channel by channel. `out` must not overlap `in`. */
typedef void te_biquad_s16_fn(const te_biquad *p, const int16_t *in, const int32_t *coefficients,
                              int32_t *delays, int16_t *out);

#endif
