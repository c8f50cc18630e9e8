/* SPDX-License-Identifier: Apache-2.0 */
/* A window less its mean, or less the straight line that fits it best. */
#ifndef TE_DETREND_H
#define TE_DETREND_H

#include "kernels/quotient.h"

enum { TE_DETREND_FRACTION = 23 }; /* fraction bits of mean and slope */

typedef struct te_detrend {
    int32_t rows, channels; /* at most 4096 rows */
    int32_t linear;         /* a line, instead of the mean */
    int64_t spread;         /* sum of the squares of 2 * row - (rows - 1) */
} te_detrend;

/* in and out [rows, channels]: what is left, to the nearest, within the limits of int16. Mean and slope are
   rounded toward zero at TE_DETREND_FRACTION.

   Order: channel by channel; a channel is read before it is written, and then again element by element: `out`
   may be `in`, but must not overlap it otherwise. */
typedef void te_detrend_s16_fn(const te_detrend *p, const int16_t *in, int16_t *out);

#endif
